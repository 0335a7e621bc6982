package dev.martlet.internal.envelope;

import java.nio.ByteBuffer;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What an instance must know of a session before its first call, and keeps for the next ones.
 *
 * @param key the session's key for what lies in the store
 * @param place where the store is, for the platform's worker to open
 * @param world what a host is told of the client
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
public record Briefing(byte[] key, Map<String, String> place, ByteBuffer world) {
  void write(Fields.Out out) {
    out.putRaw(key).putInt(place.size());
    for (Map.Entry<String, String> e : place.entrySet()) {
      out.putString(e.getKey()).putString(e.getValue());
    }
    out.putBytes(List.of(world));
  }

  static Briefing read(Fields.In in) {
    byte[] key = in.getRaw(Vault.KEY);
    Map<String, String> place = new LinkedHashMap<>();
    for (int n = in.getCount(8); n > 0; n--) {
      place.put(in.getString(), in.getString());
    }
    return new Briefing(key, place, in.getBytes());
  }
}
