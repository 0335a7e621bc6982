package dev.martlet.internal.function;

import dev.martlet.internal.envelope.Briefing;
import dev.martlet.internal.envelope.Names;
import dev.martlet.internal.envelope.Request;
import dev.martlet.spi.FunctionClient;
import dev.martlet.spi.PlatformConfig;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Makes a session's requests as short as the cloud wants them: of one that is too long the longest
 * parts go into the store. Thread-safe.
 */
final class Requests {
  // Shorter ones are worth the bytes of the invocation.
  private static final int SMALL = 1 << 9;

  // Longer ones need no packing to see that they are too long.
  private static final long HOPELESS = 8;

  // Of more calls at a time the client's upload is what they wait for, and not their instances.
  private static final int FEW = 16;

  private final FunctionPlatform platform;
  private final PlatformConfig config;
  private final Briefing briefing;
  private final Audience audience;
  private final CodeShelf shelf;
  private final Names names;
  private final byte[] session;
  private final int longest;
  private final int longestSubmission;

  /**
   * Creates what makes requests.
   *
   * @param audience the instances that were told of the session
   * @param session the session's name
   * @param key the session's key
   */
  Requests(
      FunctionPlatform platform,
      PlatformConfig config,
      FunctionClient functions,
      Map<String, String> place,
      CodeShelf shelf,
      Audience audience,
      byte[] session,
      byte[] key) {
    this.platform = platform;
    this.config = config;
    this.briefing = new Briefing(key, Map.copyOf(place), config.world());
    this.audience = audience;
    this.shelf = shelf;
    this.names = new Names(session);
    this.session = session;
    this.longest = (int) Math.min(Integer.MAX_VALUE, functions.limits().inlineRequest());
    this.longestSubmission = Math.min(longest, functions.longestSubmission());
  }

  /** Returns the longest request in bytes. */
  int longest() {
    return longest;
  }

  /**
   * Makes a trip's request.
   *
   * @param briefly whether what is not small is to be held here no longer than until it is in the
   *     store
   * @return completes when all that is not in the request is in the store
   */
  CompletableFuture<ByteBuffer> prepare(Trip trip, boolean submits, boolean briefly) {
    int most = submits ? longestSubmission : longest;
    List<Parcel> parcels = trip.parcels();
    boolean[] apart = new boolean[parcels.size()];
    List<Request.Call> calls = new ArrayList<>(parcels.size());
    for (int i = 0; i < parcels.size(); i++) {
      Parcel p = parcels.get(i);
      apart[i] = (briefly && p.bytes() >= Budget.SMALL) || p.bytes() > most * HOPELESS;
      calls.add(
          new Request.Call(
              trip.lane().slot(), apart[i], apart[i] ? List.of() : p.payload(), p.board(trip, i)));
    }
    boolean known = !submits && audience.suffices(platform.underWay());
    trip.startsInstance(!submits && !known);
    // Of an event nobody could say that its instance was not told.
    boolean told = known && !briefly && parcels.stream().noneMatch(Parcel::isUntold);
    boolean few = !submits && platform.underWay() <= FEW;
    Briefing fresh = told ? null : briefing.with(List.of(), shelf.asks());
    ByteBuffer request = request(trip, submits, fresh, few, calls);
    if (few && request.remaining() > most) {
      few = false; // what would go along is in the store as well
      request = request(trip, submits, fresh, few, calls);
    }
    while (request.remaining() > most) {
      int i = longest(parcels, apart);
      if (i < 0 || parcels.get(i).bytes() < SMALL) {
        return CompletableFuture.failedFuture(
            new IllegalStateException(
                request.remaining() + " bytes are too many for a request of " + platform.name()));
      }
      apart[i] = true;
      Request.Call c = calls.get(i);
      calls.set(i, new Request.Call(c.slot(), true, List.of(), c.messages()));
      request = request(trip, submits, fresh, few, calls);
    }
    ByteBuffer ready = request;
    List<CompletableFuture<Void>> puts = new ArrayList<>();
    parcels.forEach(p -> puts.add(p.attached()));
    for (int i = 0; i < apart.length; i++) {
      if (apart[i]) {
        String name = names.payload(trip.invocation(), i);
        trip.stored(name);
        Parcel p = parcels.get(i);
        puts.add(
            platform
                .put(name, p.payload())
                .thenRun(
                    () -> {
                      if (briefly) {
                        p.letGo();
                      }
                      platform.giveBack(trip, p.bytes());
                    }));
      }
    }
    return CompletableFuture.allOf(puts.toArray(new CompletableFuture<?>[0]))
        .thenApply(done -> ready);
  }

  private static int longest(List<Parcel> parcels, boolean[] apart) {
    int longest = -1;
    for (int i = 0; i < apart.length; i++) {
      if (!apart[i] && (longest < 0 || parcels.get(i).bytes() > parcels.get(longest).bytes())) {
        longest = i;
      }
    }
    return longest;
  }

  /**
   * Makes a request.
   *
   * @param fresh what an instance must know; null if it seems to know the session
   * @param few whether code goes along to an instance that does not
   */
  private ByteBuffer request(
      Trip trip,
      boolean submitted,
      @Nullable Briefing fresh,
      boolean few,
      List<Request.Call> calls) {
    int version = config.questions().version();
    CodeShelf.Bundles code = shelf.bundles(version);
    List<Briefing.Bundle> along = few && fresh != null ? code.brief() : List.of();
    trip.brings(version, along);
    return new Request(
            session,
            fresh == null ? null : fresh.with(along, fresh.asks()),
            trip.invocation(),
            submitted,
            version,
            code.ofSession(),
            code.ofContent(),
            calls)
        .encode();
  }
}
