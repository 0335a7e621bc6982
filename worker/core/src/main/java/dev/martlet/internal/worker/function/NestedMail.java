package dev.martlet.internal.worker.function;

import dev.martlet.internal.envelope.Known;
import dev.martlet.internal.envelope.Names;
import dev.martlet.internal.envelope.Vault;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.AccessDeniedException;
import java.util.List;
import java.util.function.Consumer;

/**
 * The mail of a nested call. Whoever made it waits for the answer, with which all goes that it
 * says; the client, which has never heard of it, is neither told nor asked anything.
 */
final class NestedMail extends Mailbox {
  NestedMail(WorkerStore store, Names names, Vault vault, long invocation, long run) {
    super(store, names, vault, invocation, run);
  }

  @Override
  synchronized boolean say(int index, ByteBuffer message) {
    boolean unused = super.say(index, message);
    return false;
  }

  @Override
  synchronized boolean isMuch() {
    return false;
  }

  @Override
  synchronized void post() {}

  @Override
  ByteBuffer[] ask(ByteBuffer question, Consumer<List<Known>> known) {
    throw new UncheckedIOException(
        new AccessDeniedException("a nested call knows only what has come with it"));
  }

  @Override
  void answer(ByteBuffer plain) {}
}
