package dev.martlet.internal.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.PriorityQueue;
import java.util.Queue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A server at a distance: bytes come out on the other side half a round trip later, and the first
 * ones of a connection two round trips more, as after the handshakes of TCP and TLS. One thread
 * moves the bytes of all connections.
 */
public final class DelayLine implements AutoCloseable {
  private static final int CHUNK = 64 * 1024;

  /** What is under way in one direction of a connection at most. */
  private static final int WINDOW = 8 * 1024 * 1024;

  private final InetSocketAddress target;
  private final long halfNanos;
  private final Selector selector;
  private final ServerSocketChannel server;
  private final Thread thread;
  private final PriorityQueue<Due> due = new PriorityQueue<>(Comparator.comparingLong(Due::nanos));
  private final ByteBuffer buffer = ByteBuffer.allocateDirect(CHUNK);

  /** A direction that has something to write at a time, which counts from the line's start. */
  private record Due(long nanos, Direction direction) {}

  private final long origin = System.nanoTime();

  public DelayLine(int port, Duration roundTrip) {
    target = new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
    halfNanos = roundTrip.toNanos() / 2;
    try {
      selector = Selector.open();
      server = ServerSocketChannel.open();
      server.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 4096);
      server.configureBlocking(false);
      server.register(selector, SelectionKey.OP_ACCEPT);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    thread = new Thread(this::run, "delay-line");
    thread.setDaemon(true);
    thread.start();
  }

  public int port() {
    return server.socket().getLocalPort();
  }

  private long now() {
    return System.nanoTime() - origin;
  }

  private void run() {
    try {
      while (!Thread.currentThread().isInterrupted()) {
        Due first = due.peek();
        if (first == null) {
          selector.select();
        } else {
          long wait = first.nanos - now();
          if (wait <= 0) {
            selector.selectNow();
          } else {
            selector.select(Math.max(1, TimeUnit.NANOSECONDS.toMillis(wait + 999_999)));
          }
        }
        for (SelectionKey key : selector.selectedKeys()) {
          serve(key);
        }
        selector.selectedKeys().clear();
        for (Due next = due.peek(); next != null && next.nanos <= now(); next = due.peek()) {
          due.remove();
          next.direction.write();
        }
      }
    } catch (IOException e) {
      // The line is closed.
    } finally {
      closeAll();
    }
  }

  private void serve(SelectionKey key) {
    if (!key.isValid()) {
      return;
    }
    if (key.isAcceptable()) {
      accept();
      return;
    }
    End end = (End) key.attachment();
    if (key.isConnectable()) {
      end.writing.connected();
    }
    if (key.isValid() && key.isReadable()) {
      end.reading.read();
    }
    if (key.isValid() && key.isWritable()) {
      end.writing.write();
    }
  }

  /** Takes a connection; one that comes to nothing does no harm to others. */
  private void accept() {
    SocketChannel near = null;
    SocketChannel far = null;
    try {
      near = server.accept();
      if (near == null) {
        return;
      }
      far = SocketChannel.open();
      near.setOption(StandardSocketOptions.TCP_NODELAY, true);
      far.setOption(StandardSocketOptions.TCP_NODELAY, true);
      near.configureBlocking(false);
      far.configureBlocking(false);
      Direction there = new Direction(near, far, now() + 5 * halfNanos);
      Direction back = new Direction(far, near, 0);
      there.other = back;
      back.other = there;
      near.register(selector, 0, new End(there, back));
      far.register(selector, SelectionKey.OP_CONNECT, new End(back, there));
      if (far.connect(target)) {
        there.connected();
      }
    } catch (IOException e) {
      close(near);
      close(far);
    }
  }

  /** One end of a connection. */
  private record End(Direction reading, Direction writing) {}

  /** One direction of a connection. */
  private final class Direction {
    private final SocketChannel from;
    private final SocketChannel to;
    private final long earliest;
    private final Queue<Chunk> chunks = new ArrayDeque<>();
    private @Nullable Direction other;
    private int size;
    private boolean ended;
    private boolean over;

    /** Bytes that are written at a time; null at the end. */
    private record Chunk(long nanos, @Nullable ByteBuffer bytes) {}

    Direction(SocketChannel from, SocketChannel to, long earliest) {
      this.from = from;
      this.to = to;
      this.earliest = earliest;
    }

    /** Its end can be reached. */
    void connected() {
      try {
        boolean unused = to.finishConnect();
        interest(to, SelectionKey.OP_CONNECT, false);
        interest(to, SelectionKey.OP_READ, true);
        interest(from, SelectionKey.OP_READ, true);
      } catch (IOException e) {
        cut();
      }
    }

    void read() {
      buffer.clear();
      int count;
      try {
        count = from.read(buffer);
      } catch (IOException e) {
        cut();
        return;
      }
      ByteBuffer bytes = null;
      if (count >= 0) {
        bytes = ByteBuffer.allocate(count).put(buffer.flip()).flip();
        size += count;
      }
      ended = count < 0;
      if (ended || size > WINDOW) {
        interest(from, SelectionKey.OP_READ, false);
      }
      long nanos = Math.max(earliest, now() + halfNanos);
      chunks.add(new Chunk(nanos, bytes));
      due.add(new Due(nanos, this));
    }

    void write() {
      try {
        interest(to, SelectionKey.OP_WRITE, false);
        for (Chunk next = chunks.peek();
            next != null && next.nanos <= now();
            next = chunks.peek()) {
          if (next.bytes == null) {
            to.shutdownOutput();
            over = true;
            if (other != null && other.over) {
              cut();
              return;
            }
          } else {
            size -= to.write(next.bytes);
            if (next.bytes.hasRemaining()) {
              interest(to, SelectionKey.OP_WRITE, true);
              break;
            }
          }
          chunks.remove();
          if (!ended && size <= WINDOW) {
            interest(from, SelectionKey.OP_READ, true);
          }
        }
      } catch (IOException e) {
        cut();
      }
    }

    private void interest(SocketChannel channel, int operation, boolean wanted) {
      SelectionKey key = channel.keyFor(selector);
      if (key != null && key.isValid()) {
        int operations = key.interestOps();
        key.interestOps(wanted ? operations | operation : operations & ~operation);
      }
    }

    private void cut() {
      close(from);
      close(to);
    }
  }

  private static void close(@Nullable AutoCloseable channel) {
    try {
      if (channel != null) {
        channel.close();
      }
    } catch (Exception e) {
      // It is closed.
    }
  }

  private void closeAll() {
    if (selector.isOpen()) {
      selector.keys().forEach(key -> close(key.channel()));
    }
    close(selector);
    close(server);
  }

  @Override
  public void close() {
    thread.interrupt();
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
