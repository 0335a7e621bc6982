package dev.martlet.internal.aws.deploy;

import dev.martlet.internal.envelope.Briefing;
import dev.martlet.internal.envelope.Names;
import dev.martlet.internal.envelope.Request;
import dev.martlet.internal.envelope.Response;
import dev.martlet.internal.envelope.Vault;
import dev.martlet.spi.FunctionClient;
import dev.martlet.spi.Store;
import java.nio.ByteBuffer;
import java.security.SecureRandom;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Has an instance of the worker make an archive of its classes, and brings it by the store. */
final class WorkerArchive {
  private static final long SECONDS = 90;

  private WorkerArchive() {}

  /** Returns an archive; null if the worker can make none. */
  static byte @Nullable [] make(FunctionClient functions, Store store, Map<String, String> place) {
    byte[] session = random(Request.SESSION);
    byte[] key = random(Vault.KEY);
    order(functions, session, key, place);
    String name = new Names(session).archive();
    ByteBuffer box = store.get(name).join();
    if (box == null) {
      return null;
    }
    CompletableFuture<?> deletion = store.delete(List.of(name));
    ByteBuffer plain = new Vault(key).open(name, box);
    byte[] archive = new byte[plain.remaining()];
    plain.get(archive);
    deletion.join();
    return archive;
  }

  /**
   * Has an instance begin with the archive that the function has, and so make none.
   *
   * @throws RuntimeException if none can begin with it
   */
  static void tryOut(FunctionClient functions, Map<String, String> place) {
    order(functions, random(Request.SESSION), random(Vault.KEY), place);
  }

  private static void order(
      FunctionClient functions, byte[] session, byte[] key, Map<String, String> place) {
    Briefing briefing = new Briefing(key, place, ByteBuffer.allocate(0));
    Request order = new Request(session, briefing, 1, false, 0, List.of(), List.of(), List.of());
    ByteBuffer answer =
        functions.invoke(order.encode()).orTimeout(SECONDS, TimeUnit.SECONDS).join().payload();
    Response unused = Response.decode(answer);
  }

  private static byte[] random(int length) {
    byte[] bytes = new byte[length];
    new SecureRandom().nextBytes(bytes);
    return bytes;
  }
}
