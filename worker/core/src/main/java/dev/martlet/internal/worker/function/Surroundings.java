package dev.martlet.internal.worker.function;

import dev.martlet.internal.worker.process.WorkerHost;
import java.util.Map;

/** What differs from cloud to cloud. */
public interface Surroundings {
  /** Returns the instance's name. */
  String instance();

  /** Returns how many bytes an answer may have. */
  int longestAnswer();

  /** Opens the client's store. */
  WorkerStore open(Map<String, String> place);

  /** Makes a host for the calls of a client; called again for each other client. */
  WorkerHost host();

  /** Ends the instance at once, and does not return. */
  void end(int status);
}
