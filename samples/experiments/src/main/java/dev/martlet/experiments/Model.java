package dev.martlet.experiments;

/**
 * The cloud's model, in seconds of the experiment: what no client can do better than.
 *
 * @param roundTrip between client and cloud
 * @param coldStart what an instance takes to start; each call of an experiment has a new one
 */
record Model(double roundTrip, double coldStart) {
  /** Returns when the last of so many calls runs that are sent over so many connections. */
  double directly(int calls, int connections) {
    int rounds = (calls + connections - 1) / connections;
    return (rounds - 1) * roundTrip + roundTrip / 2 + coldStart;
  }

  /** Returns when the last of all calls runs that instances send, which have to start as well. */
  double byInvokers() {
    return roundTrip / 2 + 2 * coldStart;
  }

  /** Returns when the client has all answers that come with the response. */
  double answered(double running, double run) {
    return running + run + roundTrip / 2;
  }

  /** Returns when the client has all answers from the store, of which it hears at once. */
  double fetched(double running, double run) {
    return running + run + roundTrip / 2 + roundTrip;
  }
}
