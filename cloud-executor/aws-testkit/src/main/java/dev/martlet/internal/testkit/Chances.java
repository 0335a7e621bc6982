package dev.martlet.internal.testkit;

import dev.martlet.testkit.aws.Faults;
import java.util.Random;

/** Throws the dice for faults. */
final class Chances {
  private volatile Faults faults = Faults.none();
  private Random random = new Random(0);

  synchronized void set(Faults faults) {
    this.faults = faults;
    random = new Random(faults.seed());
  }

  Faults faults() {
    return faults;
  }

  /** Returns whether something of this probability happens now. */
  boolean hit(double probability) {
    if (probability <= 0) {
      return false;
    }
    synchronized (this) {
      return random.nextDouble() < probability;
    }
  }
}
