package dev.martlet.internal.worker.process;

import java.io.IOException;
import java.lang.reflect.Field;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;

/** A host whose calls say by their first byte what shall happen. */
public final class EchoHost implements WorkerHost {
  static final byte ECHO = 0;
  static final byte SLEEP = 1;
  static final byte EXIT = 2;
  static final byte HALT = 3;
  static final byte FILL = 4;
  static final byte ASK = 5;
  static final byte BLOCK = 6;
  static final byte THROW = 7;
  static final byte SEND = 8;
  static final byte TALK = 9;
  static final byte MAKE = 10;
  static final byte PID = 11;
  static final byte WORLD = 12;
  static final byte GARBAGE = 13;
  static final byte ASK_INTERRUPTED = 15;
  static final byte TALK_HERE = 16;

  private ByteBuffer world = ByteBuffer.allocate(0);
  private Line line;

  @Override
  public void open(ByteBuffer w, Line l) {
    world = w;
    line = l;
    if (w.remaining() == 5 && w.get(0) == 'u') {
      throw new IllegalStateException("this world is unfit");
    }
  }

  @Override
  public void run(InboundCall call) {
    ByteBuffer p = call.payload();
    switch (p.get()) {
      case ECHO -> call.complete(p);
      case SLEEP -> {
        LockSupport.parkNanos(p.getInt() * 1_000_000L);
        call.complete(p);
      }
      case EXIT -> {
        int status = p.getInt();
        line.exiting(status);
        System.exit(status);
      }
      case HALT -> Runtime.getRuntime().halt(p.getInt());
      case FILL -> {
        List<byte[]> all = new ArrayList<>();
        for (; ; ) {
          all.add(new byte[1 << 20]);
        }
      }
      case ASK -> call.complete(line.ask(p));
      case ASK_INTERRUPTED -> {
        Thread.currentThread().interrupt();
        ByteBuffer a = line.ask(p);
        call.complete(a, ByteBuffer.wrap(new byte[] {(byte) (Thread.interrupted() ? 1 : 0)}));
      }
      case BLOCK -> {
        for (; ; ) {
          LockSupport.park();
        }
      }
      case THROW -> throw new IllegalStateException("the host failed");
      case SEND -> {
        int n = p.getInt();
        for (int i = 0; i < n; i++) {
          call.send(ByteBuffer.allocate(4).putInt(i).flip());
        }
        call.complete();
      }
      case TALK ->
          call.onMessage(
              m -> {
                if (m.hasRemaining()) {
                  call.send(m);
                } else {
                  call.complete();
                }
              });
      case GARBAGE -> write(p);
      case TALK_HERE -> talkHere(call);
      case MAKE -> call.complete(ByteBuffer.wrap(new byte[p.getInt()]));
      case PID ->
          call.complete(ByteBuffer.allocate(8).putLong(ProcessHandle.current().pid()).flip());
      case WORLD -> call.complete(world.duplicate());
      default -> throw new IllegalArgumentException();
    }
  }

  /** Writes to the line what is no frame. */
  private void write(ByteBuffer garbage) {
    try {
      Object wire = field(line, "wire");
      SocketChannel channel = (SocketChannel) field(wire, "channel");
      while (garbage.hasRemaining()) {
        channel.write(garbage);
      }
    } catch (ReflectiveOperationException | IOException e) {
      throw new IllegalStateException(e);
    }
  }

  private static Object field(Object of, String name) throws ReflectiveOperationException {
    Field f = of.getClass().getDeclaredField(name);
    f.setAccessible(true);
    return f.get(of);
  }

  /** Says that it has begun, releases its slot when told, and stays until told to end. */
  private static void talkHere(InboundCall call) {
    call.send(ByteBuffer.allocate(0));
    java.util.concurrent.CountDownLatch end = new java.util.concurrent.CountDownLatch(1);
    call.onMessage(
        m -> {
          if (m.hasRemaining()) {
            call.release();
          } else {
            end.countDown();
          }
        });
    try {
      end.await();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
    call.complete();
  }
}
