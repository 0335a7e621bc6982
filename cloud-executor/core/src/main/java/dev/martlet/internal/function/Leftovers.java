package dev.martlet.internal.function;

import dev.martlet.internal.envelope.Names;
import dev.martlet.spi.Store;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What is in a store, and whose: sessions, which are of a user, jobs, which have a name, and code,
 * which is for all.
 *
 * <p>A session lives as long as anything of it was written within some minutes, its {@linkplain
 * Heartbeat sign of life} above all. What was not asked for by name is deleted only if it does not
 * live; code only if nothing is there that may need it, object by object.
 */
public final class Leftovers {
  private static final Duration ALIVE = Duration.ofMinutes(5);

  private static final int MOST_KEYS = 1000;

  private final Store store;
  private final Instant now;
  private final Map<String, Owner> owners = new TreeMap<>();

  /**
   * Looks at a store.
   *
   * @param now the time, by the store's clock
   */
  public Leftovers(Store store, Instant now) {
    this.store = store;
    this.now = now;
    each("", item -> owners.computeIfAbsent(prefix(item.key()), Owner::new).add(item));
  }

  /** Whoever or whatever objects belong to. */
  public final class Owner {
    private final String prefix;
    private final List<String> own = new ArrayList<>();
    private @Nullable String sign;
    private @Nullable String user;
    private long objects;
    private long bytes;
    private Instant newest = Instant.MIN;

    private Owner(String prefix) {
      this.prefix = prefix;
    }

    private void add(Store.Item item) {
      objects++;
      bytes += item.size();
      newest = item.modified().isAfter(newest) ? item.modified() : newest;
      if (!item.key().startsWith(prefix)) {
        own.add(item.key());
      }
      if (item.key().startsWith(Names.LIVE)) {
        sign = item.key();
      }
    }

    /** Returns whether it is of a session or a job, not by itself. */
    public boolean isNamed() {
      return isSession() || isJob();
    }

    private boolean isSession() {
      return prefix.startsWith(Names.SESSIONS);
    }

    private boolean isJob() {
      return prefix.startsWith(Names.JOBS);
    }

    private boolean isJob(String name) {
      return prefix.equals(Names.JOBS + name + "/");
    }

    /** Returns whether it may still be in use. */
    public boolean isLive() {
      return isSession() && newest.isAfter(now.minus(ALIVE));
    }

    /** Returns the user that a session is of; empty if that is not known, or if it is none. */
    public String user() {
      String u = user;
      if (u == null) {
        String name = sign;
        ByteBuffer content =
            name == null ? null : Leftovers.<@Nullable ByteBuffer>await(() -> store.get(name));
        u = content == null ? "" : Heartbeat.user(content);
        user = u;
      }
      return u;
    }

    /** Returns how many objects there are. */
    public long objects() {
      return objects;
    }

    /** Returns their bytes. */
    public long bytes() {
      return bytes;
    }

    /** Returns what it is, for a person. */
    @Override
    public String toString() {
      String what =
          isJob()
              ? "job " + prefix.substring(Names.JOBS.length(), prefix.length() - 1)
              : isSession()
                  ? "session of " + (user().isEmpty() ? "an unknown user" : user())
                  : prefix;
      return what + ", last written " + newest + (isLive() ? ", in use" : "");
    }
  }

  /** Returns to whom an object belongs, by how the names of what belongs to it begin. */
  private static String prefix(String key) {
    if (key.startsWith(Names.LIVE)) {
      return Names.SESSIONS + key.substring(Names.LIVE.length()) + "/";
    }
    if (key.startsWith(Names.RUNS)) {
      int end = key.indexOf('/', Names.RUNS.length());
      return end < 0 ? key : Names.SESSIONS + key.substring(Names.RUNS.length(), end + 1);
    }
    for (String of : List.of(Names.SESSIONS, Names.JOBS)) {
      int end = key.startsWith(of) ? key.indexOf('/', of.length()) : -1;
      if (end >= 0) {
        return key.substring(0, end + 1);
      }
    }
    return key;
  }

  /** Returns all that there is. */
  public List<Owner> all() {
    return List.copyOf(owners.values());
  }

  /** Returns what belongs to a job, whether or not it lives. */
  public List<Owner> ofJob(String name) {
    return select(o -> o.isJob(name));
  }

  /**
   * Returns what sessions have left that do not live.
   *
   * @param user whose; null for everybody's
   * @param age before what time the last of it was written, at least
   */
  public List<Owner> ofSessions(@Nullable String user, Duration age) {
    return select(
        o ->
            o.isSession()
                && !o.isLive()
                && !o.newest.isAfter(now.minus(age))
                && (user == null || o.user().equals(user)));
  }

  /**
   * Returns code that was written before some time, if there is no session that lives and no job.
   */
  public List<Owner> ofNobody(Duration age) {
    boolean needed = owners.values().stream().anyMatch(o -> o.isLive() || o.isJob());
    return select(
        o -> o.prefix.startsWith(Names.CODE) && !needed && !o.newest.isAfter(now.minus(age)));
  }

  private List<Owner> select(Predicate<Owner> wanted) {
    return owners.values().stream().filter(wanted).toList();
  }

  private void each(String prefix, Consumer<Store.Item> action) {
    String after = "";
    Store.Page page;
    do {
      String from = after;
      page = await(() -> store.list(prefix, from));
      for (Store.Item item : page.items()) {
        after = item.key();
        action.accept(item);
      }
    } while (page.more());
  }

  /** Deletes what belongs to these. */
  public void delete(List<Owner> doomed) {
    List<String> keys = new ArrayList<>();
    for (Owner o : doomed) {
      if (o.isNamed()) {
        each(o.prefix, item -> delete(keys, item.key()));
        o.own.forEach(key -> delete(keys, key));
      } else {
        delete(keys, o.prefix);
      }
    }
    flush(keys);
  }

  private void delete(List<String> keys, String key) {
    keys.add(key);
    if (keys.size() == MOST_KEYS) {
      flush(keys);
    }
  }

  private void flush(List<String> keys) {
    if (!keys.isEmpty()) {
      await(() -> store.delete(List.copyOf(keys)));
      keys.clear();
    }
  }

  private static <T extends @Nullable Object> T await(Supplier<CompletableFuture<T>> operation) {
    try {
      return operation.get().join();
    } catch (CompletionException e) {
      if (e.getCause() instanceof RuntimeException cause) {
        throw cause;
      }
      throw e;
    }
  }
}
