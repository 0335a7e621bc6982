package dev.martlet.spi;

import java.time.Duration;

/**
 * What a platform can carry, and where.
 *
 * @param inlineRequest largest request in bytes that travels in the invocation
 * @param inlineResponse largest response in bytes that travels in the answer
 * @param longestRun how long one invocation may run
 * @param interactive whether a line leads to each instance, so that invocations of a slot find the
 *     same one, and its questions and messages take little time
 * @param sharesProcessors whether instances run on the client's processors, so that to send work
 *     away makes room for nothing
 */
public record PlatformLimits(
    long inlineRequest,
    long inlineResponse,
    Duration longestRun,
    boolean interactive,
    boolean sharesProcessors) {}
