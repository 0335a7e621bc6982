package dev.martlet.internal.codec;

import java.lang.invoke.MethodHandle;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.LinkedBlockingDeque;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.LinkedTransferQueue;
import java.util.concurrent.PriorityBlockingQueue;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.locks.ReentrantLock;

/** Concurrent queues: a weakly consistent snapshot, capacity, fairness, and fresh locks. */
@SuppressWarnings({"unchecked", "rawtypes"})
final class Queues {
  private Queues() {}

  static List<Rebuild> all() {
    return List.of(
        new Queue(ConcurrentLinkedQueue.class, null),
        new Queue(ConcurrentLinkedDeque.class, null),
        new Queue(LinkedTransferQueue.class, null),
        new Queue(LinkedBlockingQueue.class, "capacity"),
        new Queue(LinkedBlockingDeque.class, "capacity"),
        new Ring(),
        new Heap(),
        new Handoff());
  }

  private static class Queue extends Rebuild {
    private final MethodHandle toArray;
    private final @org.jspecify.annotations.Nullable FieldSlot capacity;

    Queue(Class<?> base, @org.jspecify.annotations.Nullable String capacity) {
      super(base, false);
      this.toArray = Jdk.virtual(base, "toArray", Object[].class);
      this.capacity = capacity == null ? null : Jdk.slot(base, capacity);
    }

    @Override
    void take(Object o, Snapshot to) {
      if (capacity != null) {
        to.a = capacity.getBits(o);
      }
      try {
        for (Object e : (Object[]) toArray.invoke(o)) {
          to.add(e);
        }
      } catch (Throwable e) {
        throw Jdk.sneaky(e);
      }
    }

    @Override
    Object make(Object target, Snapshot from) {
      int n = (int) Math.max(1, Math.min(from.a, Integer.MAX_VALUE));
      Collection plain =
          base == ConcurrentLinkedQueue.class
              ? new ConcurrentLinkedQueue<>()
              : base == ConcurrentLinkedDeque.class
                  ? new ConcurrentLinkedDeque<>()
                  : base == LinkedTransferQueue.class
                      ? new LinkedTransferQueue<>()
                      : base == LinkedBlockingQueue.class
                          ? new LinkedBlockingQueue<>(n)
                          : new LinkedBlockingDeque<>(n);
      fill(plain, from);
      return plain;
    }
  }

  private static void fill(Collection plain, Snapshot from) {
    for (int i = 0; i < from.size(); i++) {
      plain.add(Objects.requireNonNull(from.get(i)));
    }
  }

  private static final class Ring extends Rebuild {
    private static final MethodHandle TO_ARRAY =
        Jdk.virtual(ArrayBlockingQueue.class, "toArray", Object[].class);
    private static final FieldSlot ITEMS = Jdk.slot(ArrayBlockingQueue.class, "items");
    private static final FieldSlot LOCK = Jdk.slot(ArrayBlockingQueue.class, "lock");

    Ring() {
      super(ArrayBlockingQueue.class, false);
    }

    @Override
    void take(Object o, Snapshot to) {
      to.a = ((Object[]) Objects.requireNonNull(ITEMS.getReference(o))).length;
      to.b = ((ReentrantLock) Objects.requireNonNull(LOCK.getReference(o))).isFair() ? 1 : 0;
      try {
        for (Object e : (Object[]) TO_ARRAY.invoke(o)) {
          to.add(e);
        }
      } catch (Throwable e) {
        throw Jdk.sneaky(e);
      }
    }

    @Override
    Object make(Object target, Snapshot from) {
      if (from.a < 1 || (from.allowance != null && from.a > Math.max(1 << 16, from.size() * 64L))) {
        throw new CodecException("a capacity of " + from.a);
      }
      ArrayBlockingQueue plain = new ArrayBlockingQueue<>((int) from.a, from.b != 0);
      fill(plain, from);
      return plain;
    }
  }

  /** The array is a heap already, and stays one: nothing is compared. */
  private static final class Heap extends Rebuild {
    private static final MethodHandle TO_ARRAY =
        Jdk.virtual(PriorityBlockingQueue.class, "toArray", Object[].class);
    private static final FieldSlot QUEUE = Jdk.slot(PriorityBlockingQueue.class, "queue");
    private static final FieldSlot SIZE = Jdk.slot(PriorityBlockingQueue.class, "size");

    Heap() {
      super(
          PriorityBlockingQueue.class,
          false,
          "queue",
          "size",
          "lock",
          "notEmpty",
          "allocationSpinLock",
          "q");
    }

    @Override
    void take(Object o, Snapshot to) {
      try {
        for (Object e : (Object[]) TO_ARRAY.invoke(o)) {
          to.add(e);
        }
      } catch (Throwable e) {
        throw Jdk.sneaky(e);
      }
    }

    @Override
    Object make(Object target, Snapshot from) {
      PriorityBlockingQueue plain = new PriorityBlockingQueue<>(1);
      Object[] heap = new Object[Math.max(11, from.size())];
      for (int i = 0; i < from.size(); i++) {
        heap[i] = Objects.requireNonNull(from.get(i));
      }
      QUEUE.putReference(plain, heap);
      SIZE.putBits(plain, from.size());
      return plain;
    }
  }

  private static final class Handoff extends Rebuild {
    private static final FieldSlot TRANSFERER = Jdk.slot(SynchronousQueue.class, "transferer");
    private static final @org.jspecify.annotations.Nullable FieldSlot FAIR =
        Jdk.findSlot(SynchronousQueue.class, "fair");

    Handoff() {
      super(SynchronousQueue.class, false);
    }

    @Override
    void take(Object o, Snapshot to) {
      boolean fair =
          FAIR != null
              ? FAIR.getBits(o) != 0
              : Objects.requireNonNull(TRANSFERER.getReference(o))
                  .getClass()
                  .getSimpleName()
                  .equals("TransferQueue");
      to.a = fair ? 1 : 0;
    }

    @Override
    Object make(Object target, Snapshot from) {
      return new SynchronousQueue<>(from.a != 0);
    }
  }
}
