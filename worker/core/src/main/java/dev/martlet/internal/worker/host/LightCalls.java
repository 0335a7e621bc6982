package dev.martlet.internal.worker.host;

import dev.martlet.internal.codec.GraphDecoder;
import dev.martlet.internal.codec.GraphEncoder;
import dev.martlet.internal.codec.ScalarForm;
import dev.martlet.internal.codec.Scalars;
import dev.martlet.internal.codec.UntravelableException;
import dev.martlet.internal.dispatch.Body;
import dev.martlet.internal.dispatch.Protocol;
import dev.martlet.internal.worker.process.InboundCall;
import dev.martlet.internal.worker.weave.AttemptDropped;
import dev.martlet.internal.worker.weave.Frames;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Runs light calls of one thread, with everything kept from one to the next. They are values and
 * code that sees nothing else, so they need no twins, and one realm is enough for all of a worker's
 * threads. The hooks watch them all the same; a call that is not what it seemed is sent back to be
 * run alone. Not thread-safe.
 */
final class LightCalls {
  // A larger outcome may leave while the next call runs already, so it keeps its encoder.
  private static final int SMALL = 1 << 12;

  private final CallRun run;
  private final Map<Integer, ScalarForm> forms;
  private int lastNumber = -1;
  private @Nullable ScalarForm lastForm;
  private GraphEncoder encoder;
  private @Nullable GraphDecoder decoder;

  LightCalls(CallRun run, Map<Integer, ScalarForm> forms) {
    this.run = run;
    this.forms = forms;
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
      int flags = request.get();
      int number = request.getInt();
      Body body = (flags & Protocol.KNOWN) == 0 ? body(number, request) : known(number, request);
      if (body == null) {
        return new ByteBuffer[] {ByteBuffer.wrap(new byte[] {Protocol.NOT_KNOWN})};
      }
      long start = System.nanoTime();
      interrupts.beginHere(() -> {});
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
        || thrown instanceof AttemptDropped
        || (thrown instanceof StackOverflowError && run.hasRoomAtHome())
        || (thrown instanceof OutOfMemoryError && CallHost.isReal(thrown))) {
      return new ByteBuffer[] {ByteBuffer.wrap(new byte[] {Protocol.NOT_SHARED})};
    }
    ByteBuffer header = ByteBuffer.allocate(1 + 8 + 1 + 4 + Scalars.MOST);
    header.put(thrown == null ? Protocol.RETURNED : Protocol.THREW).putLong(nanos);
    header.put((byte) 0).putInt(0);
    if (thrown == null && Scalars.write(value, header)) {
      return new ByteBuffer[] {header.flip()};
    }
    Frames.clean(thrown);
    header.flip();
    GraphEncoder to = encoder;
    to.reset(run.table);
    // Nobody but the task has ever seen what it made.
    to.lend();
    to.write(thrown == null ? value : thrown);
    if (to.size() > SMALL) {
      encoder = run.encoder();
      if (to.size() > CallHost.LONGEST) {
        // It will be said when it is run alone.
        return new ByteBuffer[] {ByteBuffer.wrap(new byte[] {Protocol.NOT_SHARED})};
      }
      return CallHost.response(header, to.buffers());
    }
    return new ByteBuffer[] {header, ByteBuffer.wrap(to.toByteArray())};
  }

  /** Reads a task in brief, or returns null if its kind is not known here. */
  private @Nullable Body known(int number, ByteBuffer request) {
    ScalarForm form = number == lastNumber ? lastForm : forms.get(number);
    if (form == null) {
      return null;
    }
    lastNumber = number;
    lastForm = form;
    Body.Kind kind = Body.Kind.of(request.get());
    Object function = form.read(request);
    Object first = Scalars.read(request);
    return new Body(kind, function, first, Scalars.read(request));
  }

  private Body body(int number, ByteBuffer request) {
    GraphDecoder in = decoder;
    if (!run.inbound.more().isEmpty()) {
      in = run.requestDecoder(request);
    } else if (in == null) {
      in = run.decoder(request);
      decoder = in;
    } else {
      in.reset(run.table, List.of(request));
    }
    Body.Kind kind = Body.Kind.of(in.readByte());
    Object function = Objects.requireNonNull(in.read());
    ScalarForm form = ScalarForm.of(function);
    if (form != null) {
      forms.put(number, form);
    }
    Object first = in.read();
    return new Body(kind, function, first, in.read());
  }
}
