package dev.martlet.testkit.aws;

/**
 * What an {@link S3TestKit} has counted since it began, since S3 charges for requests.
 *
 * @param puts objects that were written, but for those in parts
 * @param gets objects that were read, whether there or not
 * @param lists pages of lists
 * @param deletes objects that were deleted
 */
public record S3Statistics(long puts, long gets, long lists, long deletes) {}
