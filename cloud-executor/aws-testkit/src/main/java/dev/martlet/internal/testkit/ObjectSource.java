package dev.martlet.internal.testkit;

/** Reads an object of S3, for code that is there. */
@FunctionalInterface
public interface ObjectSource {
  byte[] read(String bucket, String key);
}
