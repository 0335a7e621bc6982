package dev.martlet.testkit.aws;

import java.time.Duration;

/**
 * What goes wrong, and how often: each a probability for a call of Invoke, from 0 to 1. The same
 * seed throws the same dice.
 *
 * @param throttle 429, before the function begins
 * @param errorBefore 500, before the function begins
 * @param errorAfter 500, after the function has run
 * @param cutBefore the connection is closed before the function begins
 * @param cutAfter the connection is closed after the function has run
 * @param lost the function runs, and no answer ever comes
 * @param duplicate the function runs twice, one after the other, with the same request id, and the
 *     first answer counts
 * @param slowStart a cold start takes longer by {@code slowBy}
 * @param slowBy how much longer
 * @param seed of the dice
 */
public record Faults(
    double throttle,
    double errorBefore,
    double errorAfter,
    double cutBefore,
    double cutAfter,
    double lost,
    double duplicate,
    double slowStart,
    Duration slowBy,
    long seed) {
  private static final Faults NONE = new Faults(0, 0, 0, 0, 0, 0, 0, 0, Duration.ZERO, 0);

  /** Checks the probabilities. */
  public Faults {
    for (double p :
        new double[] {
          throttle, errorBefore, errorAfter, cutBefore, cutAfter, lost, duplicate, slowStart
        }) {
      if (!(p >= 0 && p <= 1)) {
        throw new IllegalArgumentException("Not a probability: " + p);
      }
    }
  }

  /** Returns that nothing goes wrong. */
  public static Faults none() {
    return NONE;
  }

  /** Returns these with another probability of 429. */
  public Faults withThrottle(double probability) {
    return new Faults(
        probability,
        errorBefore,
        errorAfter,
        cutBefore,
        cutAfter,
        lost,
        duplicate,
        slowStart,
        slowBy,
        seed);
  }

  /** Returns these with other probabilities of 500, before and after the function has run. */
  public Faults withErrors(double before, double after) {
    return new Faults(
        throttle, before, after, cutBefore, cutAfter, lost, duplicate, slowStart, slowBy, seed);
  }

  /** Returns these with other probabilities of a cut, before and after the function has run. */
  public Faults withCuts(double before, double after) {
    return new Faults(
        throttle, errorBefore, errorAfter, before, after, lost, duplicate, slowStart, slowBy, seed);
  }

  /** Returns these with another probability of an answer that never comes. */
  public Faults withLost(double probability) {
    return new Faults(
        throttle,
        errorBefore,
        errorAfter,
        cutBefore,
        cutAfter,
        probability,
        duplicate,
        slowStart,
        slowBy,
        seed);
  }

  /** Returns these with another probability of a second run. */
  public Faults withDuplicates(double probability) {
    return new Faults(
        throttle,
        errorBefore,
        errorAfter,
        cutBefore,
        cutAfter,
        lost,
        probability,
        slowStart,
        slowBy,
        seed);
  }

  /** Returns these with another probability of a cold start that takes longer. */
  public Faults withSlowStarts(double probability, Duration by) {
    return new Faults(
        throttle,
        errorBefore,
        errorAfter,
        cutBefore,
        cutAfter,
        lost,
        duplicate,
        probability,
        by,
        seed);
  }

  /** Returns these with another seed. */
  public Faults withSeed(long other) {
    return new Faults(
        throttle,
        errorBefore,
        errorAfter,
        cutBefore,
        cutAfter,
        lost,
        duplicate,
        slowStart,
        slowBy,
        other);
  }
}
