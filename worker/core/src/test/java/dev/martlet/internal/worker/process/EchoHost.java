package dev.martlet.internal.worker.process;

import java.io.IOException;
import java.lang.reflect.Field;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.locks.LockSupport;

/** A host whose calls say by their first byte what shall happen. */
public final class EchoHost implements WorkerHost {
  public static final byte ECHO = 0;
  public static final byte SLEEP = 1;
  public static final byte EXIT = 2;
  public static final byte HALT = 3;
  public static final byte FILL = 4;
  public static final byte ASK = 5;
  public static final byte BLOCK = 6;
  public static final byte THROW = 7;
  public static final byte SEND = 8;
  public static final byte TALK = 9;
  public static final byte MAKE = 10;
  public static final byte PID = 11;
  public static final byte WORLD = 12;
  public static final byte GARBAGE = 13;
  public static final byte ASK_INTERRUPTED = 15;
  public static final byte TALK_HERE = 16;
  public static final byte WORK = 17;
  public static final byte NO_MEMORY = 18;
  public static final byte MAKE_NOISE = 19;
  public static final byte ATTACHED = 20;

  private ByteBuffer world = ByteBuffer.allocate(0);
  private Line line;
  private volatile boolean stopped;

  @Override
  public void open(ByteBuffer w, Line l) {
    world = w;
    line = l;
    if (w.remaining() == 5 && w.get(0) == 'u') {
      throw new IllegalStateException("this world is unfit");
    }
  }

  /** Lets calls end that are blocked. */
  public void stop() {
    stopped = true;
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
        while (!stopped) {
          LockSupport.parkNanos(100_000_000);
        }
      }
      case WORK -> work(call);
      case NO_MEMORY -> throw new OutOfMemoryError("on purpose");
      case MAKE_NOISE -> {
        byte[] noise = new byte[p.getInt()];
        ThreadLocalRandom.current().nextBytes(noise);
        call.complete(ByteBuffer.wrap(noise));
      }
      case ATTACHED -> attached(call);
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

  /** Answers with what is attached under names of one letter each; a minus for what is not. */
  private void attached(InboundCall call) {
    List<String> names = new ArrayList<>();
    while (call.payload().hasRemaining()) {
      names.add(String.valueOf((char) call.payload().get()));
    }
    List<ByteBuffer> found = new ArrayList<>();
    for (ByteBuffer b : line.attachments(names)) {
      found.add(b == null ? ByteBuffer.wrap(new byte[] {'-'}) : b);
    }
    call.complete(found.toArray(new ByteBuffer[0]));
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

  /** Says who it is, again and again, asks meanwhile, and answers with what came back. */
  private void work(InboundCall call) {
    ByteBuffer p = call.payload();
    int messages = p.getInt();
    int questions = p.getInt();
    long who = ThreadLocalRandom.current().nextLong();
    ByteBuffer answer = ByteBuffer.allocate(12 + 8 * questions).putLong(who).putInt(p.getInt());
    for (int i = 0; i < messages; i++) {
      call.send(ByteBuffer.allocate(12).putLong(who).putInt(i).flip());
      if (i * questions / messages != (i + 1) * questions / messages) {
        answer.put(line.ask(ByteBuffer.allocate(8).putLong(who).flip()));
      }
    }
    call.complete(answer.flip());
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
