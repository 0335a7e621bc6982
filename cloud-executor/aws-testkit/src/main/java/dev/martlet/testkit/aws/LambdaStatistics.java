package dev.martlet.testkit.aws;

/**
 * What a {@link LambdaTestKit} has counted since it began.
 *
 * @param requests requests of all kinds
 * @param invocations calls of Invoke that were accepted
 * @param runs how often a function was begun, repetitions of events and duplicates included
 * @param coldStarts how often an instance had to be started for it
 * @param throttled calls that were answered with 429
 * @param functionErrors runs that failed
 * @param retries repetitions of events that had failed
 * @param dropped events that failed too often or waited too long
 * @param faults how often something was made to go wrong
 * @param instances instances alive now
 * @param running calls that run now
 * @param peak the most calls that ran at once
 * @param bytesIn bytes of all requests' bodies
 * @param bytesOut bytes of all answers' bodies
 */
public record LambdaStatistics(
    long requests,
    long invocations,
    long runs,
    long coldStarts,
    long throttled,
    long functionErrors,
    long retries,
    long dropped,
    long faults,
    int instances,
    int running,
    int peak,
    long bytesIn,
    long bytesOut) {}
