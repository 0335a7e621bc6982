package dev.martlet.internal.forkjoin.frontier;

/** One computation that the frontier was asked about. Of one thread. */
public final class Visit {
  private final Policy policy;
  private Profile profile;
  private final int depth;
  private long start;
  private boolean away;
  private boolean warm;
  private boolean place;

  Visit(Policy policy, Profile profile, int depth, long start) {
    this.policy = policy;
    this.profile = profile;
    this.depth = depth;
    this.start = start;
  }

  void leave() {
    away = true;
    warm = profile.isWarm();
  }

  /** The decision took its time, which is not the computation's. */
  void decided() {
    start = policy.now();
  }

  void take() {
    place = true;
  }

  int depth() {
    return depth;
  }

  Profile profile() {
    return profile;
  }

  /** Returns whether the computation is to leave. */
  public boolean isAway() {
    return away;
  }

  /** Returns whether the computation occupies one of the home's processors. */
  public boolean isAtWork() {
    return place;
  }

  /** The computation has forked or computed another task. */
  public void forked() {
    profile.forked();
    if (place && policy.unrolls(depth)) {
      place = false;
      policy.giveBack();
    }
  }

  /** The computation tells of others that are known apart from those it was decided by. */
  public void tells(Profile of) {
    profile = of;
  }

  /** The computation begins here after all. */
  public void stays(String reason, boolean always) {
    away = false;
    if (always) {
      profile.bind(reason);
    } else {
      profile.stayed(reason);
    }
  }

  /** The computation begins here. */
  public void begin() {
    profile.began(start);
  }

  /**
   * The computation has ended here.
   *
   * @return how long it took
   */
  public long end() {
    long nanos = policy.now() - start;
    profile.ran(nanos);
    profile.ended();
    if (place) {
      place = false;
      policy.giveBack();
    }
    return nanos;
  }

  /** The computation is back. */
  public void returned(long runNanos) {
    profile.went(policy.now() - start, runNanos, warm);
  }
}
