package dev.martlet.internal.local;

import dev.martlet.internal.agent.Memory;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A line of frames over a non-blocking channel, the same on both ends.
 *
 * <p>A frame is {@code length:4 type:1 id:8 slot:4 payload}; the length counts what follows it. A
 * payload beyond {@link #SMALL} bytes is announced by a frame whose type carries {@link #BIG} and
 * follows in chunks, so that other frames pass in between; frames of one slot never overtake each
 * other. The announcement also says where in the payload long arrays of bytes are that the sender
 * has lent, so that the receiver reads each into an array of its own, which needs no further copy.
 * Every length is checked before anything is kept.
 *
 * <p><b>Writing.</b> A submitted frame is copied behind those that wait. One thread at a time has
 * the writing role and writes outside of the lock; what others submit meanwhile leaves with its
 * next write. When the socket is full, the rest is left to the {@link Reactor}. A caller that
 * submits in a rapid row stops writing every frame by itself: frames then leave at {@link #BATCH}
 * bytes, when somebody waits for an answer, when input arrives, or when the reactor's owner, who is
 * told, flushes them.
 *
 * <p><b>Reading.</b> Only the reactor's leader reads. The parsing state is its property and passes
 * on with the leadership.
 */
public final class Wire {
  /** The version of this protocol. */
  public static final int VERSION = 1;

  /** Client to worker: the world. */
  public static final byte WORLD = 1;

  /** Client to worker: a call. */
  public static final byte INVOKE = 2;

  /** Both ways: a message of a running call. */
  public static final byte MESSAGE = 3;

  /** Worker to client: a call's response. */
  public static final byte COMPLETE = 4;

  /** Worker to client: a call ended without a response; the payload says why. */
  public static final byte ABANDON = 5;

  /** Worker to client: a question. */
  public static final byte ASK = 6;

  /** Client to worker: an answer; a slot of 1 marks a failure with its text. */
  public static final byte ANSWER = 7;

  /** Worker to client: the JVM exits with the status in the slot field. */
  public static final byte EXITING = 8;

  /** Worker to client: the host could not be opened; the payload says why. */
  public static final byte UNFIT = 9;

  /** Both ways: a sign of life. */
  public static final byte PING = 10;

  /** Client to worker: no more calls; end. */
  public static final byte CLOSE = 11;

  /** The exit status of a worker whose line was corrupted. */
  public static final int CORRUPT_STATUS = 71;

  private static final byte CHUNK = 12;
  private static final byte BIG = 0x40;

  /** The largest payload that travels in one frame. */
  public static final int SMALL = 32 * 1024;

  private static final int HEADER = 17;
  private static final int BUFFER = 128 * 1024;
  private static final int BATCH = 16 * 1024;
  private static final int MAX_STREAMS = 65_536;
  static final int MAX_PAYLOAD = Integer.MAX_VALUE - 1024;
  private static final int KEEP = 256 * 1024;
  private static final int ROW = 8;
  private static final long ROW_NANOS = 20_000;
  private static final long PATIENCE_NANOS = 100_000;

  /** When a submitted frame is written. */
  public enum When {
    /** Now, if nobody is writing. */
    NOW,
    /** Now, unless frames come in a rapid row. */
    ADAPTIVE,
    /** With the next flush, which the submitter sees to. */
    LATER
  }

  /** Takes what arrives. Called by the reactor's leader. */
  public interface Handler {
    /**
     * A frame has arrived.
     *
     * @param payload the handler's own
     * @return whether the leader shall stop reading behind this frame
     */
    boolean frame(byte type, long id, int slot, ByteBuffer payload) throws CorruptException;

    /**
     * As {@link #frame}, when parts of the payload were lent: a plain part, an array of bytes and
     * so on in turn, a plain part last.
     */
    default boolean parts(byte type, long id, int slot, ByteBuffer[] parts)
        throws CorruptException {
      return frame(type, id, slot, join(parts));
    }

    /**
     * As {@link #frame}, for one for whose payload there is no memory. By default that ends the
     * line.
     *
     * @param bytes how long the payload is
     */
    default void refused(byte type, long id, int bytes, OutOfMemoryError why)
        throws CorruptException {
      throw why;
    }

    /** The line has ended; called once. */
    void closed(@Nullable IOException cause);
  }

  /** The other end does not speak this protocol. */
  public static final class CorruptException extends IOException {
    private static final long serialVersionUID = 1L;

    /** Creates the exception. */
    public CorruptException(String message) {
      super(message);
    }

    CorruptException(Throwable cause) {
      super("a frame that could not be taken: " + cause, cause);
    }
  }

  /** What {@link #receive} did. */
  enum Received {
    NOTHING,
    SOMETHING,
    PAUSED,
    CLOSED
  }

  private final SocketChannel channel;
  private final Handler handler;
  private final Reactor reactor;
  private volatile @Nullable SelectionKey key;

  // Output that waits; guarded by this.
  private byte[] gather = new byte[4096];
  private int gathered;
  private final ArrayDeque<Outgoing> streams = new ArrayDeque<>();
  private boolean writing;
  private boolean broken;
  private long submitted;
  private long departed;
  private int nextStream;
  private int row;
  private long lastLook;
  private volatile boolean blocked;
  private volatile boolean pending;
  private volatile long pendingSince;
  private volatile long lastWrite = System.nanoTime();

  // Output on its way; owned by the writing role.
  private byte[] staged = new byte[4096];
  private int stagedAt;
  private int stagedEnd;
  private boolean streaming;
  private final ByteBuffer out = ByteBuffer.allocateDirect(BUFFER).limit(0);

  // Input; owned by the leader.
  private final ByteBuffer in = ByteBuffer.allocateDirect(BUFFER).limit(0);
  private final Map<Long, Incoming> incoming = new HashMap<>();
  private @Nullable Incoming chunkTo;
  private int chunkLeft;
  private boolean ended;
  private volatile long lastRead = System.nanoTime();

  /**
   * Creates the line.
   *
   * @param channel connected and non-blocking
   */
  public Wire(SocketChannel channel, Handler handler, Reactor reactor) {
    this.channel = channel;
    this.handler = handler;
    this.reactor = reactor;
  }

  /** Joins parts of a payload. */
  public static ByteBuffer join(ByteBuffer[] parts) {
    int size = 0;
    for (ByteBuffer b : parts) {
      size += b.remaining();
    }
    ByteBuffer all = ByteBuffer.wrap(Memory.bytes(size));
    for (ByteBuffer b : parts) {
      all.put(b);
    }
    return all.flip();
  }

  SocketChannel channel() {
    return channel;
  }

  void key(SelectionKey k) {
    key = k;
  }

  /** Returns when bytes last arrived, in the time of {@link System#nanoTime}. */
  public long lastRead() {
    return lastRead;
  }

  /** Returns when bytes last left, in the time of {@link System#nanoTime}. */
  public long lastWrite() {
    return lastWrite;
  }

  /** Returns whether frames wait for a flush. */
  public boolean isPending() {
    return pending;
  }

  /** Returns whether the socket takes no more for now. */
  public boolean isBlocked() {
    return blocked;
  }

  /* --------------- Writing --------------- */

  /**
   * Submits a frame. The payload's bytes from position to limit must not change until they are out.
   *
   * @return the frame's ticket for {@link #hasDeparted}
   * @throws IllegalArgumentException if the payload is longer than 2 GiB
   */
  public long submit(byte type, long id, int slot, ByteBuffer[] payload, When when) {
    long size = 0;
    for (ByteBuffer b : payload) {
      size += b.remaining();
    }
    if (size > MAX_PAYLOAD) {
      throw new IllegalArgumentException("a payload of " + size + " bytes is too long for a line");
    }
    long ticket;
    boolean write;
    boolean tell = false;
    synchronized (this) {
      ticket = ++submitted;
      if (broken) {
        return ticket;
      }
      Outgoing ahead = streams.isEmpty() ? null : streamOf(type, slot);
      if (ahead != null) {
        ahead.then(new Outgoing(ticket, type, id, slot, payload, (int) size));
      } else if (size > SMALL) {
        streams.add(new Outgoing(ticket, type, id, slot, payload, (int) size));
      } else {
        append(type, id, slot, payload, (int) size);
      }
      write = !writing && !blocked && isDue(when);
      if (write) {
        writing = true;
      } else if (!writing && !blocked && !pending) {
        pendingSince = System.nanoTime();
        pending = true;
        tell = when == When.ADAPTIVE;
      }
    }
    if (write) {
      writeOut();
    } else if (tell) {
      reactor.attention();
    }
    return ticket;
  }

  private boolean isDue(When when) {
    if (when == When.ADAPTIVE) {
      // In a row, the clock is looked at only now and then.
      row = row < 2 * ROW ? row + 1 : ROW;
      if (row <= ROW) {
        long now = System.nanoTime();
        if (now - lastLook > (row < ROW ? ROW_NANOS : ROW * ROW_NANOS)) {
          row = 0;
        }
        lastLook = now;
      }
      if (row < ROW) {
        return true;
      }
    } else if (when == When.NOW) {
      row = 0;
      return true;
    }
    return gathered >= BATCH || !streams.isEmpty();
  }

  private @Nullable Outgoing streamOf(byte type, int slot) {
    if (type == ASK || type == ANSWER || type == PING) {
      return null;
    }
    for (Outgoing o : streams) {
      if (o.slot == slot && o.type != ASK && o.type != ANSWER) {
        return o;
      }
    }
    return null;
  }

  private void append(byte type, long id, int slot, ByteBuffer[] payload, int size) {
    int at = gathered;
    int end = at + HEADER + size;
    if (end > gather.length || end < 0) {
      gather = Arrays.copyOf(gather, Math.max(end, Math.max(end, gather.length) * 2));
    }
    byte[] g = gather;
    Bytes.putInt(g, at, HEADER - 4 + size);
    g[at + 4] = type;
    Bytes.putLong(g, at + 5, id);
    Bytes.putInt(g, at + 13, slot);
    at += HEADER;
    for (ByteBuffer b : payload) {
      int n = b.remaining();
      b.get(b.position(), g, at, n);
      at += n;
    }
    gathered = end;
  }

  /** Writes what waits, unless somebody else does. */
  public void flush() {
    if (!pending) {
      return;
    }
    synchronized (this) {
      if (writing || blocked || broken) {
        return;
      }
      row = 0;
      writing = true;
    }
    writeOut();
  }

  void flushOlderThan(long nanos) {
    if (pending && (nanos == 0 || System.nanoTime() - pendingSince > nanos)) {
      flush();
    }
  }

  /** Goes on writing after the socket was full. Called by the leader. */
  void writable() {
    synchronized (this) {
      if (!blocked || writing || broken) {
        return;
      }
      writing = true;
      blocked = false;
    }
    writeOut(0);
  }

  private void writeOut() {
    writeOut(PATIENCE_NANOS);
  }

  /** Writes, and in the midst of a stream looks for a while whether a full socket empties. */
  @SuppressWarnings("ThreadPriorityCheck") // the other end may need this core to read
  private void writeOut(long patience) {
    try {
      for (; ; ) {
        if (!out.hasRemaining() && !stage()) {
          SelectionKey k = key;
          if (k != null && k.isValid() && (k.interestOps() & SelectionKey.OP_WRITE) != 0) {
            k.interestOpsAnd(~SelectionKey.OP_WRITE);
          }
          return;
        }
        if (channel.write(out) > 0) {
          lastWrite = System.nanoTime();
        }
        if (out.hasRemaining()) {
          if (streaming && System.nanoTime() - lastWrite < patience) {
            Thread.yield();
            continue;
          }
          synchronized (this) {
            writing = false;
            blocked = true;
          }
          SelectionKey k = key;
          if (k != null && k.isValid()) {
            k.interestOpsOr(SelectionKey.OP_WRITE);
          }
          reactor.blocked();
          return;
        }
      }
    } catch (IOException e) {
      breakOff(); // what the other end has said before is still there to be read
    } catch (RuntimeException | Error e) {
      close(); // whoever waits for what was to be written is to hear of it
      if (e instanceof Error error) {
        throw error;
      }
    }
  }

  private synchronized void breakOff() {
    broken = true;
    writing = false;
    blocked = false;
    pending = false;
    out.limit(0);
  }

  /** Fills {@link #out}; gives the writing role back and returns false if there is nothing. */
  private boolean stage() {
    out.clear();
    if (stagedAt == stagedEnd) {
      synchronized (this) {
        pending = false;
        if (gathered == 0 && streams.isEmpty()) {
          writing = false;
          out.limit(0);
          notifyAll();
          return false;
        }
        byte[] spare = staged.length <= KEEP ? staged : new byte[4096];
        staged = gather;
        stagedAt = 0;
        stagedEnd = gathered;
        gather = spare;
        gathered = 0;
        departed = submitted;
      }
    }
    streaming = false;
    int n = Math.min(out.remaining(), stagedEnd - stagedAt);
    out.put(staged, stagedAt, n);
    stagedAt += n;
    if (stagedAt == stagedEnd && out.remaining() > BUFFER / 2) {
      Outgoing stream;
      synchronized (this) {
        stream = streams.peek();
      }
      if (stream != null) {
        streaming = true;
        stageChunk(stream);
      }
    }
    out.flip();
    return true;
  }

  private void stageChunk(Outgoing s) {
    if (!s.announced) {
      s.announced = true;
      s.number = nextStream++;
      int[] lent = s.lent();
      header(HEADER - 4 + 8 + 4 * lent.length, (byte) (s.type | BIG), s.id, s.slot);
      out.putInt(s.number).putInt(s.left);
      for (int i : lent) {
        out.putInt(i);
      }
    }
    int n = Math.min(out.remaining() - HEADER, s.left);
    header(HEADER - 4 + n, CHUNK, s.number, 0);
    s.copy(out, n);
    synchronized (this) {
      streams.poll();
      if (s.left > 0) {
        streams.add(s);
      } else {
        departed = Math.max(departed, s.ticket);
        Outgoing next = s.successor();
        if (next != null) {
          streams.add(next);
        }
      }
    }
  }

  private void header(int length, byte type, long id, int slot) {
    out.putInt(length).put(type).putLong(id).putInt(slot);
  }

  /** Returns whether a frame, or a part that would do to begin its call, may have left. */
  public synchronized boolean hasDeparted(long ticket) {
    if (ticket > departed) {
      return false;
    }
    for (Outgoing o : streams) {
      if (o.holds(ticket)) {
        return false;
      }
    }
    return true;
  }

  /** Waits until all that was submitted is out, or the line is gone, or the time is up. */
  public boolean awaitFlushed(long nanos) {
    long deadline = System.nanoTime() + nanos;
    boolean interrupted = false;
    try {
      for (; ; ) {
        flush();
        synchronized (this) {
          if (broken) {
            return false;
          }
          if (!writing && !blocked && gathered == 0 && streams.isEmpty()) {
            return true;
          }
          long left = deadline - System.nanoTime();
          if (left <= 0) {
            return false;
          }
          try {
            wait(Math.max(1, Math.min(50, left / 1_000_000)));
          } catch (InterruptedException e) {
            interrupted = true;
          }
        }
      }
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  /** Closes the channel. The handler hears of it from the leader's next look. */
  public void close() {
    breakOff();
    try {
      channel.close();
    } catch (IOException e) {
      // It is gone either way.
    }
    reactor.wakeup();
  }

  /* --------------- Reading --------------- */

  /** Takes what was read before and what the socket has. Called by the leader. */
  Received receive(long flushAge) {
    if (ended) {
      return Received.CLOSED;
    }
    try {
      if (in.hasRemaining() && parse()) {
        return Received.PAUSED;
      }
      if (blocked) {
        writable();
      } else {
        flushOlderThan(flushAge);
      }
      in.compact();
      int n;
      try {
        n = channel.read(in);
      } finally {
        in.flip();
      }
      if (n == 0) {
        return Received.NOTHING;
      }
      if (n < 0) {
        return end(null);
      }
      lastRead = System.nanoTime();
      return parse() ? Received.PAUSED : Received.SOMETHING;
    } catch (IOException e) {
      return end(e);
    } catch (RuntimeException | Error e) {
      return end(new CorruptException(e));
    }
  }

  private Received end(@Nullable IOException cause) {
    ended = true;
    incoming.clear();
    chunkTo = null;
    breakOff();
    try {
      channel.close();
    } catch (IOException e) {
      // It is gone either way.
    }
    handler.closed(cause);
    return Received.CLOSED;
  }

  /** Returns whether input was read that is not yet handed out. */
  public boolean hasBuffered() {
    return in.hasRemaining();
  }

  private boolean parse() throws CorruptException {
    for (; ; ) {
      Incoming to = chunkTo;
      if (to != null) {
        int n = Math.min(in.remaining(), chunkLeft);
        to.take(in, n);
        chunkLeft -= n;
        if (chunkLeft > 0) {
          return false;
        }
        chunkTo = null;
        if (to.isComplete()) {
          incoming.remove(to.number);
          if (deliver(to)) {
            return true;
          }
        }
        continue;
      }
      if (in.remaining() < HEADER) {
        return false;
      }
      int at = in.position();
      int length = in.getInt(at);
      byte type = in.get(at + 4);
      int size = length - (HEADER - 4);
      if (size < 0 || size > (type == CHUNK ? BUFFER : SMALL)) {
        throw new CorruptException("a frame of type " + type + " with length " + length);
      }
      long id = in.getLong(at + 5);
      if (type == CHUNK) {
        in.position(at + HEADER);
        beginChunk(id, size);
        continue;
      }
      int slot = in.getInt(at + 13);
      if (in.remaining() < HEADER + size) {
        return false;
      }
      in.position(at + HEADER);
      if ((type & BIG) != 0) {
        announce((byte) (type & ~BIG), id, slot, size);
        continue;
      }
      byte[] payload = new byte[size];
      in.get(payload);
      if (handler.frame(type, id, slot, ByteBuffer.wrap(payload))) {
        return true;
      }
    }
  }

  private boolean deliver(Incoming i) throws CorruptException {
    OutOfMemoryError failure = i.failure();
    if (failure != null) {
      handler.refused(i.type, i.id, i.size(), failure);
      return false;
    }
    ByteBuffer[] parts = i.parts();
    return parts.length == 1
        ? handler.frame(i.type, i.id, i.slot, parts[0])
        : handler.parts(i.type, i.id, i.slot, parts);
  }

  private void announce(byte type, long id, int slot, int size) throws CorruptException {
    if (size < 8 || size % 8 != 0 || size > 8 + 8 * Outgoing.MAX_LENT) {
      throw new CorruptException("an announcement of " + size + " bytes");
    }
    long number = in.getInt();
    int total = in.getInt();
    if (total < 0 || total > MAX_PAYLOAD || incoming.size() >= MAX_STREAMS) {
      throw new CorruptException("an announcement of a payload of " + total + " bytes");
    }
    int[] ends = new int[size / 4 - 1];
    int at = 0;
    for (int i = 0; i + 1 < ends.length; i += 2) {
      int from = in.getInt();
      int length = in.getInt();
      if (from < at || length < Outgoing.LENT || length > total - from) {
        throw new CorruptException("an announcement of " + length + " bytes from " + from);
      }
      at = from + length;
      ends[i] = from;
      ends[i + 1] = at;
    }
    ends[ends.length - 1] = total;
    if (incoming.put(number, new Incoming(number, type, id, slot, ends)) != null) {
      throw new CorruptException("an announcement that is there twice");
    }
  }

  private void beginChunk(long number, int size) throws CorruptException {
    Incoming to = incoming.get(number);
    if (to == null || size > to.left()) {
      throw new CorruptException("a chunk that was not announced");
    }
    chunkTo = to;
    chunkLeft = size;
  }
}
