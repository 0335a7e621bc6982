package dev.martlet.internal.worker.host;

import dev.martlet.internal.codec.GraphDecoder;
import dev.martlet.internal.codec.GraphEncoder;
import dev.martlet.internal.codec.UntravelableException;
import dev.martlet.internal.dispatch.Body;
import dev.martlet.internal.dispatch.Protocol;
import dev.martlet.internal.worker.process.InboundCall;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Runs light calls of one thread, with everything kept from one to the next. They are values and
 * code that sees nothing else, so they need no twins, and one realm is enough for all of a worker's
 * threads. The hooks watch them all the same; a call that is not what it seemed is sent back to be
 * run alone. Not thread-safe.
 */
final class LightCalls {
  private final CallRun run;
  private final GraphEncoder encoder;
  private @Nullable GraphDecoder decoder;

  LightCalls(CallRun run) {
    this.run = run;
    run.share();
    encoder = run.encoder();
  }

  /** Returns whether the next call may use this. */
  boolean isClean() {
    return run.isClean();
  }

  /** Runs a call and returns its answer. */
  ByteBuffer[] run(InboundCall inbound, ByteBuffer request, Interrupts interrupts)
      throws UntravelableException {
    run.reuse(inbound);
    run.enter();
    Object value = null;
    Throwable thrown = null;
    long nanos;
    try {
      Body body = body(request);
      long start = System.nanoTime();
      interrupts.begin();
      try {
        value = body.invoke();
      } catch (Throwable t) {
        thrown = t;
      } finally {
        interrupts.end();
        nanos = System.nanoTime() - start;
      }
      Output.finish(run);
    } finally {
      run.exit();
    }
    // A class that could not be initialised here may be so at home.
    if (!run.isClean()
        || thrown instanceof LinkageError
        || (thrown instanceof OutOfMemoryError && CallHost.isReal(thrown))) {
      return new ByteBuffer[] {ByteBuffer.wrap(new byte[] {Protocol.NOT_SHARED})};
    }
    encoder.reset(run.table);
    encoder.write(thrown == null ? value : thrown);
    byte[] outcome = encoder.toByteArray();
    ByteBuffer header = ByteBuffer.allocate(1 + 8 + 1 + 4);
    header.put(thrown == null ? Protocol.RETURNED : Protocol.THREW).putLong(nanos);
    header.put((byte) 0).putInt(0);
    return new ByteBuffer[] {header.flip(), ByteBuffer.wrap(outcome)};
  }

  private Body body(ByteBuffer request) {
    GraphDecoder in = decoder;
    if (in == null) {
      in = run.decoder(request);
      decoder = in;
    } else {
      in.reset(run.table, List.of(request));
    }
    Body.Kind kind = Body.Kind.of(in.readByte());
    Object function = Objects.requireNonNull(in.read());
    Object first = in.read();
    return new Body(kind, function, first, in.read());
  }
}
