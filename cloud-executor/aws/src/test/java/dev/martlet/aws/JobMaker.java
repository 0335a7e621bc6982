package dev.martlet.aws;

import dev.martlet.CloudExecutors;
import dev.martlet.CloudJob;

/** A program that makes a job of so many tasks and is gone at once. */
final class JobMaker {
  private JobMaker() {}

  public static void main(String[] args) {
    CloudJob job = CloudExecutors.newCloudPool(2).detach(args[0]);
    int unused = job.submitAll(LambdaJobsTest.squares(Integer.parseInt(args[1])));
    job.close();
    Runtime.getRuntime().halt(7);
  }
}
