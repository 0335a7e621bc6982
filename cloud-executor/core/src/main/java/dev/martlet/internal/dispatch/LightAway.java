package dev.martlet.internal.dispatch;

import dev.martlet.Usage;
import dev.martlet.WorkerLostException;
import dev.martlet.internal.capture.Light;
import dev.martlet.internal.codec.CodecException;
import dev.martlet.spi.Platform.Invocation;
import dev.martlet.spi.Platform.InvocationListener;
import java.nio.ByteBuffer;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * The first attempt of a light call. It needs no table, no registration and no watch; whatever else
 * than a plain value comes of it is left to an {@link Away}.
 */
final class LightAway implements InvocationListener, Dispatcher.Interruptible {
  private final Dispatcher dispatcher;
  private final RemoteCall call;
  private final Light light;
  private final int bytes;
  private final boolean brief;
  private final boolean again;
  private volatile @Nullable Invocation invocation;

  LightAway(
      Dispatcher dispatcher,
      RemoteCall call,
      Light light,
      int bytes,
      boolean brief,
      boolean again) {
    this.dispatcher = dispatcher;
    this.call = call;
    this.light = light;
    this.bytes = bytes;
    this.brief = brief;
    this.again = again;
  }

  /** The platform has taken the attempt. Who wants to interrupt it before does so again. */
  void started(Invocation i) {
    invocation = i;
  }

  @Override
  public void interrupt() {
    Invocation i = invocation;
    if (i != null) {
      i.send(Protocol.interruption(/* all= */ false, /* unwanted= */ false));
    }
  }

  @Override
  public void sent(String instance, boolean cold) {
    if (!again) {
      call.sent(instance, cold, bytes);
    }
  }

  @Override
  public void ran(String instance, boolean cold) {
    call.ran(instance, cold);
  }

  @Override
  public void used(Usage part) {
    call.used(part);
  }

  @Override
  public void nearsTimeLimit(Duration ran, Duration left, String limit) {
    dispatcher.nearsTimeLimit(call, light.site(), ran, left, limit);
  }

  @Override
  public void received(ByteBuffer message) {
    dispatcher.printer().later(() -> dispatcher.printer().print(message));
  }

  @Override
  public void completed(ByteBuffer response) {
    if (Simple.is(response)) {
      long nanos = Simple.nanos(response);
      light.site().ran(nanos);
      if (call.isPlain()) {
        try {
          Object value = Simple.value(response);
          call.arrived(value, nanos, response.remaining());
          return;
        } catch (CodecException e) {
          // It will be found again, and told.
        }
      }
    }
    completed(new ByteBuffer[] {response});
  }

  @Override
  public void completed(ByteBuffer[] parts) {
    dispatcher.read(call, () -> answer(parts), Simple.isPlain(parts[0]));
  }

  private void answer(ByteBuffer[] parts) {
    try {
      byte status = parts[0].get(parts[0].position());
      if (status == Protocol.NOT_SHARED || status == Protocol.DROPPED) {
        dispatcher.alone(call, light.site());
        return;
      }
      Body b = call.body();
      if (status == Protocol.NOT_KNOWN) {
        dispatcher.sendLight(call, light, true);
        return;
      }
      Away a =
          new Away(
              dispatcher,
              call,
              Protocol.LIGHT,
              brief
                  ? light.captured()
                  : light.captured(b.kind().code(), b.function(), b.first(), b.second()),
              null,
              null,
              1,
              0,
              -1);
      a.answer(parts);
    } catch (Throwable e) {
      call.failed(e, 0, 0);
    }
  }

  @Override
  public void failed(Throwable cause) {
    dispatcher.execute(call, () -> call.failed(cause, 0, 0));
  }

  @Override
  public void lost(WorkerLostException.Reason reason, @Nullable String detail, boolean begun) {
    dispatcher.execute(
        call,
        () -> {
          boolean hopeless = call.isCancelled() || reason == WorkerLostException.Reason.NOT_STARTED;
          if (hopeless || (begun && dispatcher.retries() < 1)) {
            String what = detail == null ? "the worker" : detail;
            call.failed(
                Away.lostWorker(reason, hopeless ? what : what + " (attempt 1 of 1)"), 0, 0);
          } else if (begun) {
            dispatcher.recover(call, reason);
          } else {
            dispatcher.again(call, 1);
          }
        });
  }
}
