package dev.martlet.aws;

import dev.martlet.CloudExecutorService;
import dev.martlet.CloudExecutors;

/** A program that makes a job of so many tasks, closes its pool and is gone at once. */
final class JobMaker {
  private JobMaker() {}

  public static void main(String[] args) {
    CloudExecutorService pool = CloudExecutors.newCloudPool(2);
    int unused = pool.detach(args[0]).submitAll(LambdaJobsTest.squares(Integer.parseInt(args[1])));
    pool.close();
    Runtime.getRuntime().halt(7);
  }
}
