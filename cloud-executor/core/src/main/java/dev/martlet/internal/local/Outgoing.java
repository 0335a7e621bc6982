package dev.martlet.internal.local;

import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * A payload that leaves a {@link Wire} in chunks, and the frames of its slot that wait behind it.
 */
final class Outgoing {
  /** How long an array is at least that travels as a part of its own. */
  static final int LENT = 64 * 1024;

  /** How many such arrays a payload has at most. */
  static final int MAX_LENT = 1024;

  final long ticket;
  final byte type;
  final long id;
  final int slot;
  final ByteBuffer[] parts;
  private @Nullable ArrayDeque<Outgoing> behind;
  private int part;
  int left;
  int number;
  boolean announced;

  Outgoing(long ticket, byte type, long id, int slot, ByteBuffer[] payload, int size) {
    this.ticket = ticket;
    this.type = type;
    this.id = id;
    this.slot = slot;
    this.left = size;
    this.parts = new ByteBuffer[payload.length];
    for (int i = 0; i < parts.length; i++) {
      parts[i] = payload[i].duplicate();
    }
  }

  void then(Outgoing o) {
    if (behind == null) {
      behind = new ArrayDeque<>();
    }
    behind.add(o);
  }

  @Nullable Outgoing successor() {
    Outgoing next = behind == null ? null : behind.poll();
    if (next != null) {
      next.behind = behind;
    }
    return next;
  }

  boolean holds(long t) {
    if (ticket == t) {
      return true;
    }
    if (behind != null) {
      for (Outgoing o : behind) {
        if (o.ticket == t) {
          return true;
        }
      }
    }
    return false;
  }

  /** Returns where long arrays that were lent, which are read-only here, begin, and lengths. */
  int[] lent() {
    int[] lent = new int[2 * Math.min(parts.length, MAX_LENT)];
    int n = 0;
    int at = 0;
    for (ByteBuffer p : parts) {
      if (p.isReadOnly() && p.remaining() >= LENT && n < lent.length) {
        lent[n++] = at;
        lent[n++] = p.remaining();
      }
      at += p.remaining();
    }
    return Arrays.copyOf(lent, n);
  }

  void copy(ByteBuffer to, int n) {
    left -= n;
    int todo = n;
    while (todo > 0) {
      ByteBuffer p = parts[part];
      int k = Math.min(todo, p.remaining());
      to.put(to.position(), p, p.position(), k);
      to.position(to.position() + k);
      p.position(p.position() + k);
      todo -= k;
      if (!p.hasRemaining()) {
        part++;
      }
    }
  }
}
