package dev.martlet.internal.worker.host;

import dev.martlet.internal.dispatch.Protocol;
import dev.martlet.internal.dispatch.World;
import dev.martlet.internal.worker.loader.CodeCache;
import dev.martlet.internal.worker.loader.Realm;
import dev.martlet.internal.worker.loader.WovenClasses;
import dev.martlet.internal.worker.process.Line;
import dev.martlet.internal.worker.weave.RealmWeaver;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/**
 * The worker's realms. A call has one to itself while it runs, so that static state never mixes;
 * there are as many as calls have run at a time. The last one returned is the next one taken, since
 * its code is warm.
 */
final class Realms {
  /** A realm, the switches of its hooks, and what works there beside the call. */
  record Lease(Realm realm, RealmHooks hooks, Background background, int generation) {}

  private final World world;
  private final Line line;
  private final CodeCache cache;
  private final Deque<Lease> free = new ArrayDeque<>();
  private @Nullable Lease shared;

  Realms(World world, Line line, CodeCache cache) {
    this.cache = cache;
    this.world = world;
    this.line = line;
  }

  /**
   * Takes a realm.
   *
   * @param generation the client's; a realm of an earlier one may hold classes as a library's that
   *     have turned out to be the application's
   */
  Lease take(int generation) {
    synchronized (free) {
      free.removeIf(lease -> lease.generation() < generation);
      Lease lease = free.pollFirst();
      if (lease != null) {
        return lease;
      }
    }
    return open(generation);
  }

  /**
   * Returns the realm that calls share which need none of their own, for the calls of one thread.
   */
  synchronized Lease shared() {
    Lease lease = shared;
    if (lease == null || lease.realm().isSpent()) {
      lease = open(0);
      lease.hooks().set(new SharedHooks());
      lease.hooks().watch(true, true, true, false);
      shared = lease;
    }
    return new Lease(lease.realm(), lease.hooks(), new Background(), lease.generation());
  }

  void give(Lease lease) {
    synchronized (free) {
      free.addFirst(lease);
    }
  }

  private Lease open(int generation) {
    RealmWeaver weaver = new RealmWeaver();
    Realm realm = new Realm(this::ask, cache, weaver, world.local());
    Background background = new Background();
    if (!world.local()) {
      realm.shares(new Shared());
    }
    realm.onLoader(world.assertions()::apply);
    realm.onUnavailable(background::unavailable);
    return new Lease(realm, new RealmHooks(weaver.hooks()), background, generation);
  }

  private ByteBuffer ask(ByteBuffer question) {
    return line.ask(framed(question));
  }

  private static ByteBuffer framed(ByteBuffer question) {
    ByteBuffer framed = ByteBuffer.allocate(1 + question.remaining());
    return framed.put(Protocol.CLASSPATH).put(question).flip();
  }

  /** What workers on other machines have woven for the client. */
  private final class Shared implements WovenClasses {
    @Override
    public @Nullable ByteBuffer get(ByteBuffer question) {
      return line.known(framed(question));
    }

    @Override
    public void put(ByteBuffer question, ByteBuffer answer) {
      line.found(framed(question), answer);
    }
  }
}
