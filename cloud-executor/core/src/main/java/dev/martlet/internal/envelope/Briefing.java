package dev.martlet.internal.envelope;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What an instance must know of a session before its first call, and keeps for the next ones.
 *
 * @param key the session's key for what lies in the store
 * @param place where the store is, for the platform's worker to open
 * @param packed what a host is told of the client, as it travels
 * @param bundles some of the bundles of answers about code that are in the store, which saves a new
 *     instance the way there
 * @param asks whether the client wants to hear what the instance finds out about code itself
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
public record Briefing(
    byte[] key, Map<String, String> place, ByteBuffer packed, List<Bundle> bundles, boolean asks) {
  private static final int LONGEST = 1 << 30;

  /**
   * A bundle as it is in the store.
   *
   * @param hash its name, as requests have it
   * @param bytes of {@link Known#encode}
   */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  public record Bundle(byte[] hash, ByteBuffer bytes) {}

  /**
   * Creates a briefing without bundles.
   *
   * @param world what a host is told of the client
   */
  public Briefing(byte[] key, Map<String, String> place, ByteBuffer world) {
    this(key, place, new Fields.Out().putRest(world).doneTightly(), List.of(), false);
  }

  /**
   * Returns what a host is told of the client.
   *
   * @throws MalformedException if it cannot be unpacked
   */
  public ByteBuffer world() {
    return Fields.In.unpack(packed, LONGEST).getRest();
  }

  /** Returns this with other bundles and another wish. */
  public Briefing with(List<Bundle> others, boolean asking) {
    return new Briefing(key, place, packed, others, asking);
  }

  /**
   * How calls can make others that run elsewhere.
   *
   * @param region where the function is
   * @param function its name
   * @param depth how many calls at most are above one another elsewhere
   * @param always whether they leave whether or not that is worth while
   */
  public record Nesting(String region, String function, int depth, boolean always) {
    private static final String FUNCTION = "nested.function";
    private static final String REGION = "nested.region";
    private static final String DEPTH = "nested.depth";
    private static final String ALWAYS = "nested.always";

    /** Returns what a place tells; null if they cannot. */
    public static @Nullable Nesting of(Map<String, String> place) {
      String function = place.get(FUNCTION);
      if (function == null) {
        return null;
      }
      try {
        return new Nesting(
            place.getOrDefault(REGION, ""),
            function,
            Integer.parseInt(place.getOrDefault(DEPTH, "0")),
            Boolean.parseBoolean(place.get(ALWAYS)));
      } catch (NumberFormatException e) {
        throw new MalformedException("a depth of " + place.get(DEPTH), e);
      }
    }

    /** Returns what is told of the place of the store alone. */
    public static Map<String, String> outOf(Map<String, String> place) {
      Map<String, String> rest = new LinkedHashMap<>(place);
      rest.keySet().removeAll(List.of(FUNCTION, REGION, DEPTH, ALWAYS));
      return rest;
    }

    /** Returns a place that tells this as well. */
    public Map<String, String> in(Map<String, String> place) {
      Map<String, String> all = new LinkedHashMap<>(place);
      all.put(REGION, region);
      all.put(FUNCTION, function);
      all.put(DEPTH, Integer.toString(depth));
      all.put(ALWAYS, Boolean.toString(always));
      return all;
    }
  }

  void write(Fields.Out out) {
    out.putRaw(key).putInt(place.size());
    for (Map.Entry<String, String> e : place.entrySet()) {
      out.putString(e.getKey()).putString(e.getValue());
    }
    out.putPacked(packed).put(asks ? 1 : 0).putInt(bundles.size());
    for (Bundle b : bundles) {
      out.putRaw(b.hash).putPacked(b.bytes);
    }
  }

  static Briefing read(Fields.In in) {
    byte[] key = in.getRaw(Vault.KEY);
    Map<String, String> place = new LinkedHashMap<>();
    for (int n = in.getCount(8); n > 0; n--) {
      place.put(in.getString(), in.getString());
    }
    ByteBuffer packed = in.getBytes();
    boolean asks = in.get() != 0;
    List<Bundle> bundles = new ArrayList<>();
    for (int n = in.getCount(Request.HASH + 4); n > 0; n--) {
      bundles.add(new Bundle(in.getRaw(Request.HASH), in.getBytes()));
    }
    return new Briefing(key, place, packed, bundles, asks);
  }
}
