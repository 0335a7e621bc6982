package dev.martlet.internal.testkit;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/**
 * A kit's settings.
 *
 * @param concurrency how many calls may run at once
 * @param idle after how long an instance that is not used is ended
 * @param freeze whether processes are stopped between calls
 * @param limits whether processes are held to their memory and share of processors
 * @param scaling how many instances a function may start in ten seconds
 * @param settling how long a function is pending when it was made or changed
 * @param light whether uploaded functions run in this JVM
 * @param sharedClasses whether these have one class loader for all instances
 * @param coldStart what a cold start takes longer than it does by itself
 * @param retryDelays after how long an event is tried again, the first and the second time
 */
public record Settings(
    String accessKey,
    String secretKey,
    String region,
    String account,
    Path java,
    List<String> jvmArguments,
    Map<String, String> environment,
    int concurrency,
    Duration idle,
    boolean freeze,
    boolean limits,
    int scaling,
    Duration settling,
    boolean light,
    boolean sharedClasses,
    Duration coldStart,
    Duration roundTrip,
    List<Duration> retryDelays) {}
