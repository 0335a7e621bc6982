package dev.martlet.internal.codec;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.ForkJoinTask;
import java.util.concurrent.FutureTask;
import java.util.concurrent.Phaser;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.atomic.DoubleAccumulator;
import java.util.concurrent.atomic.DoubleAdder;
import java.util.concurrent.atomic.LongAccumulator;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.ReentrantLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.concurrent.locks.StampedLock;

/** Adders by their sum, locks free and without owner, tasks by their outcome, heap buffers. */
@SuppressWarnings("FutureReturnValueIgnored") // futures are looked into, not awaited
final class Counters {
  private Counters() {}

  static List<Rebuild> all() {
    return List.of(
        new Seeded(),
        new Adder(LongAdder.class),
        new Adder(DoubleAdder.class),
        new Adder(LongAccumulator.class),
        new Adder(DoubleAccumulator.class),
        new FreeLock(Jdk.type("java.util.concurrent.locks.ReentrantLock$NonfairSync"), false),
        new FreeLock(Jdk.type("java.util.concurrent.locks.ReentrantLock$FairSync"), true),
        new FreeLock(
            Jdk.type("java.util.concurrent.locks.ReentrantReadWriteLock$NonfairSync"), false),
        new FreeLock(Jdk.type("java.util.concurrent.locks.ReentrantReadWriteLock$FairSync"), true),
        new Stamped(),
        new Phases(),
        new Forked(),
        new Future(),
        new Buffer());
  }

  /** A generator by its seed, so that the atomic behind it is not taken for shared state. */
  private static final class Seeded extends Rebuild {
    private static final FieldSlot SEED = Jdk.slot(Random.class, "seed");

    Seeded() {
      super(Random.class, false, "seed");
    }

    private static AtomicLong seed(Object random) {
      return (AtomicLong) Objects.requireNonNull(SEED.getReference(random));
    }

    @Override
    void take(Object o, Snapshot to) {
      to.a = seed(o).get();
    }

    @Override
    Object make(Object target, Snapshot from) {
      Random plain = new Random();
      seed(plain).set(from.a);
      return plain;
    }
  }

  private static final class Adder extends Rebuild {
    private static final Class<?> STRIPED = Jdk.type("java.util.concurrent.atomic.Striped64");
    private static final FieldSlot BASE = Jdk.slot(STRIPED, "base");

    Adder(Class<?> base) {
      super(base, false, "cells", "base", "cellsBusy");
    }

    @Override
    void take(Object o, Snapshot to) {
      if (o instanceof LongAdder l) {
        to.a = l.sum();
      } else if (o instanceof DoubleAdder d) {
        to.a = Double.doubleToRawLongBits(d.sum());
      } else if (o instanceof LongAccumulator l) {
        to.a = l.get();
      } else if (o instanceof DoubleAccumulator d) {
        to.a = Double.doubleToRawLongBits(d.get());
      }
    }

    @Override
    Object make(Object target, Snapshot from) {
      Object plain = new LongAdder();
      BASE.putBits(plain, from.a);
      return plain;
    }
  }

  private static final class FreeLock extends Rebuild {
    private final boolean fair;

    FreeLock(Class<?> base, boolean fair) {
      super(base, false);
      this.fair = fair;
    }

    @Override
    void take(Object o, Snapshot to) {}

    @Override
    Object make(Object target, Snapshot from) {
      Object lock =
          base.getNestHost() == ReentrantLock.class
              ? new ReentrantLock(fair)
              : new ReentrantReadWriteLock(fair);
      return Objects.requireNonNull(Jdk.slot(lock.getClass(), "sync").getReference(lock));
    }
  }

  private static final class Stamped extends Rebuild {
    Stamped() {
      super(StampedLock.class, false, "head", "tail", "state", "readerOverflow");
    }

    @Override
    void take(Object o, Snapshot to) {}

    @Override
    Object make(Object target, Snapshot from) {
      return new StampedLock();
    }
  }

  private static final class Phases extends Rebuild {
    private static final FieldSlot ROOT = Jdk.slot(Phaser.class, "root");
    private static final FieldSlot EVEN = Jdk.slot(Phaser.class, "evenQ");
    private static final FieldSlot ODD = Jdk.slot(Phaser.class, "oddQ");

    Phases() {
      super(Phaser.class, false, "evenQ", "oddQ");
    }

    @Override
    void take(Object o, Snapshot to) {}

    @Override
    Object make(Object target, Snapshot from) {
      Object root = ROOT.getReference(target);
      Phaser plain = new Phaser();
      if (root != null && root != target) { // a tiered phaser shares its root's queues
        for (FieldSlot q : List.of(EVEN, ODD)) {
          if (q.getReference(root) == null) {
            q.putReference(root, new AtomicReference<>());
          }
          q.putReference(plain, q.getReference(root));
        }
      } else if (EVEN.getReference(target) != null) {
        EVEN.copy(target, plain);
        ODD.copy(target, plain);
      }
      return plain;
    }
  }

  private static final class Forked extends Rebuild {
    private static final FieldSlot STATUS = Jdk.slot(ForkJoinTask.class, "status");
    private static final FieldSlot AUX = Jdk.slot(ForkJoinTask.class, "aux");
    private static final FieldSlot FAILURE =
        Jdk.slot(Jdk.type("java.util.concurrent.ForkJoinTask$Aux"), "ex");

    // Of a task that has not ended only the tag, and whether it is run by whoever joins it.
    private static final int TAG = 0xffff | 1 << 24;

    Forked() {
      super(ForkJoinTask.class, false, "status", "aux");
    }

    @Override
    void take(Object o, Snapshot to) {
      to.a = STATUS.getBits(o);
      if (to.a >= 0) {
        to.a &= TAG;
        return;
      }
      Object aux = AUX.getReference(o);
      if (aux != null && FAILURE.getReference(aux) != null) {
        to.add(FAILURE.getReference(aux));
      }
    }

    @Override
    Object make(Object target, Snapshot from) {
      ForkJoinTask<?> plain = ForkJoinTask.adapt(() -> {});
      if (from.size() > 0) {
        plain.completeExceptionally((Throwable) Objects.requireNonNull(from.get(0)));
      }
      STATUS.putBits(plain, from.a);
      return plain;
    }
  }

  /** A completed future by its outcome. */
  private static final class Future extends Rebuild {
    private static final FieldSlot STATE = Jdk.slot(FutureTask.class, "state");

    Future() {
      super(FutureTask.class, false, "runner", "waiters");
    }

    @Override
    void take(Object o, Snapshot to) {
      long state = STATE.getBits(o);
      if (state < 2 || state == 5) {
        throw new Refusal(o, "is a task that has not completed");
      }
    }

    @Override
    Object make(Object target, Snapshot from) {
      return new FutureTask<>(() -> {}, null);
    }
  }

  /** A heap buffer; its raw address is computed here, never read. */
  private static final class Buffer extends Rebuild {
    private static final FieldSlot ARRAY = Jdk.slot(ByteBuffer.class, "hb");
    private static final FieldSlot OFFSET = Jdk.slot(ByteBuffer.class, "offset");
    private static final FieldSlot MARK = Jdk.slot(java.nio.Buffer.class, "mark");

    Buffer() {
      super(ByteBuffer.class, false);
    }

    @Override
    void take(Object o, Snapshot to) {
      ByteBuffer b = (ByteBuffer) o;
      to.a = ((long) b.position() << 32) | b.limit();
      to.b = b.order() == ByteOrder.BIG_ENDIAN ? 1 : 0;
      to.add(ARRAY.getReference(b));
      to.add(b.capacity());
      to.add((int) OFFSET.getBits(b));
      to.add((int) MARK.getBits(b));
    }

    @Override
    Object make(Object target, Snapshot from) {
      byte[] array = (byte[]) Objects.requireNonNull(from.get(0));
      int capacity = (int) Objects.requireNonNull(from.get(1));
      int offset = (int) Objects.requireNonNull(from.get(2));
      int mark = (int) Objects.requireNonNull(from.get(3));
      ByteBuffer b = ByteBuffer.wrap(array).slice(offset, capacity);
      b.order(from.b != 0 ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN);
      b.limit((int) from.a);
      int position = (int) (from.a >>> 32);
      if (mark >= 0 && mark <= position) {
        b.position(mark).mark();
      }
      b.position(position);
      return ((ByteBuffer) target).getClass().getSimpleName().endsWith("R") ? readOnly(b, mark) : b;
    }

    private static ByteBuffer readOnly(ByteBuffer b, int mark) {
      ByteBuffer r = b.asReadOnlyBuffer().order(b.order());
      MARK.putBits(r, mark > b.position() ? -1 : mark);
      return r;
    }
  }
}
