package dev.martlet.internal.testkit;

/** One run of a function. */
final class Call {
  private final String id;
  private final byte[] payload;
  private final String clientContext;
  private final String trace;
  private final boolean awaited;

  /**
   * Creates a call.
   *
   * @param id the request's id, the same when it is run again
   * @param payload the event
   * @param clientContext base64; empty if there is none
   * @param trace the X-Ray header
   * @param awaited whether somebody waits for its answer
   */
  Call(String id, byte[] payload, String clientContext, String trace, boolean awaited) {
    this.id = id;
    this.payload = payload;
    this.clientContext = clientContext;
    this.trace = trace;
    this.awaited = awaited;
  }

  /** Returns the same for whose answer nobody waits. */
  Call event() {
    return new Call(id, payload, clientContext, trace, false);
  }

  String id() {
    return id;
  }

  byte[] payload() {
    return payload;
  }

  String clientContext() {
    return clientContext;
  }

  String trace() {
    return trace;
  }

  boolean awaited() {
    return awaited;
  }
}
