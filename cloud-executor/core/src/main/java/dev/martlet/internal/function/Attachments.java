package dev.martlet.internal.function;

import dev.martlet.internal.agent.NoMemory;
import dev.martlet.spi.Platform.Attachment;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * What calls share lies in the store once, by its name: the first call that needs it has it brought
 * there, and all calls leave when what they need is there.
 *
 * <p>What no call needs any more stays for those to come, up to a bound; beyond it what was needed
 * longest ago is deleted, and brought there again if need be. All that is left goes with the
 * session or the job.
 *
 * <p>A few at a time are brought, since each takes memory until it is there. Thread-safe; no lock
 * is held while others are called.
 */
public final class Attachments {
  private static final long MOST_IDLE = 4L << 30;
  private static final int MOST_AT_A_TIME = 8;
  private static final int PART_OF_HEAP = 16;
  private static final long ABOUT = 8 << 20;

  private final Place place;
  private final Executor executor;
  private final long mostIdle;
  private final int atATime;

  // Guarded by this.
  private final Map<String, Entry> entries = new HashMap<>();
  private final Map<String, Entry> idle = new LinkedHashMap<>();
  private final Map<String, CompletableFuture<Void>> leaving = new HashMap<>();
  private final ArrayDeque<Runnable> waiting = new ArrayDeque<>();
  private long idleBytes;
  private int underWay;

  /** Where they are brought. */
  public interface Place {
    /** Writes one. */
    CompletableFuture<Void> put(String name, List<ByteBuffer> content);

    /** Deletes some; completes when that was tried. */
    CompletableFuture<Void> delete(List<String> names);
  }

  /** One of them. */
  public static final class Entry {
    private final String name;
    private final long bytes;
    private final CompletableFuture<Void> there = new CompletableFuture<>();
    private int users; // guarded by the whole

    Entry(String name, long bytes) {
      this.name = name;
      this.bytes = bytes;
    }
  }

  /** Creates it for a store. */
  public Attachments(Place place, Executor executor) {
    this(place, executor, MOST_IDLE, ofHeap());
  }

  /**
   * Creates it with other bounds.
   *
   * @param mostIdle how many bytes stay that nobody needs
   * @param atATime how many are brought at a time
   */
  Attachments(Place place, Executor executor, long mostIdle, int atATime) {
    this.place = place;
    this.executor = executor;
    this.mostIdle = mostIdle;
    this.atATime = atATime;
  }

  private static int ofHeap() {
    long most = Runtime.getRuntime().maxMemory() / PART_OF_HEAP / ABOUT;
    return (int) Math.max(1, Math.min(MOST_AT_A_TIME, most));
  }

  /**
   * What a call uses.
   *
   * @param fresh how many bytes of it are brought for this call
   * @param there completes when all of it is in the store
   */
  public record Use(List<Entry> entries, long fresh, CompletableFuture<Void> there) {
    static final Use NOTHING = new Use(List.of(), 0, CompletableFuture.completedFuture(null));
  }

  /** Has attachments brought to the store that are not there, and keeps them there. */
  public Use use(List<Attachment> all) {
    if (all.isEmpty()) {
      return Use.NOTHING;
    }
    List<Entry> used = new ArrayList<>(all.size());
    List<Runnable> begun = new ArrayList<>();
    long fresh = 0;
    synchronized (this) {
      for (Attachment a : all) {
        Entry e = entries.get(a.name());
        if (e != null && idle.remove(a.name()) != null) {
          idleBytes -= e.bytes;
        }
        if (e == null || e.bytes < a.bytes()) {
          CompletableFuture<Void> former = e == null ? leaving.get(a.name()) : e.there;
          Entry more = new Entry(a.name(), a.bytes());
          e = more;
          entries.put(a.name(), e);
          fresh += a.bytes();
          waiting.add(() -> bring(more, a, former));
        }
        e.users++;
        used.add(e);
      }
      next(begun);
    }
    begun.forEach(executor::execute);
    return new Use(
        used,
        fresh,
        CompletableFuture.allOf(
            used.stream().map(e -> e.there).toArray(CompletableFuture<?>[]::new)));
  }

  private void next(List<Runnable> begun) {
    while (underWay < atATime && !waiting.isEmpty()) {
      underWay++;
      begun.add(waiting.remove());
    }
  }

  /**
   * Brings one.
   *
   * @param former what is done before that under its name, if anything is
   */
  private void bring(Entry e, Attachment a, @Nullable CompletableFuture<Void> former) {
    CompletableFuture<Void> before =
        former == null ? CompletableFuture.completedFuture(null) : former;
    CompletableFuture<Void> unused =
        before
            .handle((done, failure) -> failure)
            .thenCompose(failure -> place.put(e.name, a.content().get()))
            .whenComplete((done, failure) -> brought(e, failure));
  }

  private void brought(Entry e, @Nullable Throwable failure) {
    List<Runnable> begun = new ArrayList<>();
    synchronized (this) {
      underWay--;
      if (failure != null) {
        entries.remove(e.name, e); // the next one tries again
      }
      next(begun);
    }
    if (failure == null) {
      e.there.complete(null);
    } else {
      Throwable cause = FunctionPlatform.cause(failure);
      e.there.completeExceptionally(NoMemory.told(cause, "a part of an array", e.bytes));
    }
    begun.forEach(executor::execute);
  }

  /** A call does not need any more what it has used. */
  void leave(Use use) {
    List<String> gone = new ArrayList<>();
    CompletableFuture<Void> deleted = new CompletableFuture<>();
    synchronized (this) {
      for (Entry e : use.entries) {
        if (--e.users == 0 && entries.get(e.name) == e) {
          idle.put(e.name, e);
          idleBytes += e.bytes;
        }
      }
      Iterator<Entry> eldest = idle.values().iterator();
      while (idleBytes > mostIdle && eldest.hasNext()) {
        Entry e = eldest.next();
        if (e.there.isDone()) {
          eldest.remove();
          idleBytes -= e.bytes;
          entries.remove(e.name);
          leaving.put(e.name, deleted);
          gone.add(e.name);
        }
      }
    }
    if (!gone.isEmpty()) {
      CompletableFuture<Void> unused =
          place
              .delete(gone)
              .whenComplete(
                  (done, failure) -> {
                    synchronized (this) {
                      gone.forEach(name -> leaving.remove(name, deleted));
                    }
                    deleted.complete(null);
                  });
    }
  }
}
