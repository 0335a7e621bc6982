package dev.martlet.spi;

import java.time.Duration;

/**
 * What a platform can carry.
 *
 * @param inlineRequest largest request in bytes that travels in the invocation
 * @param inlineResponse largest response in bytes that travels in the answer
 * @param longestRun how long one invocation may run
 * @param interactive whether instances can ask questions and exchange messages with a running call
 */
public record PlatformLimits(
    long inlineRequest, long inlineResponse, Duration longestRun, boolean interactive) {}
