package dev.martlet.internal.worker.process;

import java.nio.ByteBuffer;

/** Runs calls inside a worker. */
public interface WorkerHost {
  /**
   * Prepares for the client's calls. Called once, before the first call. If it throws, the worker
   * is reported as unfit and ends.
   *
   * @param world what the client tells every worker
   * @param line the way to ask the client
   */
  void open(ByteBuffer world, Line line);

  /**
   * Runs a call, on the thread that read it; may take long. If it throws, the call is reported as
   * lost.
   */
  void run(InboundCall call);

  /**
   * Begins, on threads of its own, to load what calls will need and what does not depend on the
   * client. Called before the client is connected to.
   */
  default void warmUp() {}

  /**
   * Begins, on a thread of its own, to do for nobody what the first call does. Called after the
   * host was opened if the first call is not there yet; else that would have less of a processor.
   */
  default void practise() {}

  /** Gives threads and memory back: no call is running, and none will. */
  default void close() {}

  /** Loads what opening and the first calls need, for an archive of loaded classes. */
  default void rehearse() {}
}
