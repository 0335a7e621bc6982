package dev.martlet.internal.worker.function;

import dev.martlet.internal.envelope.Briefing;
import dev.martlet.internal.envelope.Request;
import org.jspecify.annotations.Nullable;

/**
 * What a run needs for calls of its calls, should they make any: little, since most do not.
 *
 * @param store the client's store
 * @param request what the run has been asked for
 * @param depth how many calls are above those of the run
 */
record NestedWays(
    Surroundings surroundings,
    CodeAnswers code,
    WorkerStore store,
    Request request,
    Briefing briefing,
    int depth) {
  /**
   * Returns where such calls can go; null if nowhere.
   *
   * @param deadline until when the run may take
   */
  @Nullable NestedCalls open(long deadline) {
    Briefing.Nesting nesting = Briefing.Nesting.of(briefing.place());
    return nesting == null || depth >= nesting.depth()
        ? null
        : new NestedCalls(this, nesting, deadline);
  }
}
