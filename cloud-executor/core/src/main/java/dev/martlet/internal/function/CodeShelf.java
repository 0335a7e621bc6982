package dev.martlet.internal.function;

import dev.martlet.internal.envelope.Known;
import dev.martlet.internal.envelope.Names;
import dev.martlet.internal.log.Log;
import dev.martlet.spi.Store;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

/**
 * Answers about code, in the store: what an instance had to ask is there for all that are started
 * later. Objects are named by their content, so all sessions share them. Thread-safe.
 */
final class CodeShelf {
  private static final int MOST_OBJECTS = 4;
  private static final long MOST_MERGED = 16 << 20;

  private final Store store;
  private final Map<ByteBuffer, Known> fresh = new LinkedHashMap<>();
  private final List<Placed> placed = new ArrayList<>();
  private int version;
  private boolean placing;

  @SuppressWarnings("ArrayRecordComponent") // never compared
  private record Placed(byte[] hash, List<Known> content, long bytes) {}

  CodeShelf(Store store) {
    this.store = store;
  }

  /** Keeps answers; completes when they are in the store, or cannot be put there. */
  CompletableFuture<Void> keep(int ofVersion, List<Known> answers) {
    synchronized (this) {
      renew(ofVersion);
      if (ofVersion == version) {
        for (Known k : answers) {
          fresh.put(k.question().duplicate(), k);
        }
      }
    }
    return place();
  }

  /** Returns the hashes of the objects that there are. */
  synchronized List<byte[]> hashes(int ofVersion) {
    renew(ofVersion);
    List<byte[]> hashes = new ArrayList<>();
    for (Placed p : placed) {
      hashes.add(p.hash);
    }
    return hashes;
  }

  private void renew(int newest) {
    if (newest > version) {
      version = newest;
      fresh.clear();
      placed.clear();
    }
  }

  private CompletableFuture<Void> place() {
    List<Known> content;
    List<Placed> merged = new ArrayList<>();
    int ofVersion;
    synchronized (this) {
      if (placing || fresh.isEmpty()) {
        return CompletableFuture.completedFuture(null);
      }
      placing = true;
      ofVersion = version;
      content = new ArrayList<>();
      if (placed.size() >= MOST_OBJECTS) {
        for (Placed p : placed) {
          if (p.bytes < MOST_MERGED) {
            merged.add(p);
            content.addAll(p.content);
          }
        }
      }
      content.addAll(fresh.values());
      fresh.clear();
    }
    ByteBuffer bytes = Known.encode(content);
    byte[] hash = sha256(bytes);
    boolean full = bytes.remaining() >= MOST_MERGED;
    Placed added = new Placed(hash, full ? List.of() : content, bytes.remaining());
    return store
        .putIfAbsent(Names.code(hash), List.of(bytes))
        .handle(
            (written, failure) -> {
              synchronized (this) {
                placing = false;
                if (failure == null && ofVersion == version) {
                  placed.removeAll(merged);
                  placed.add(added);
                }
              }
              if (failure != null) {
                // Instances go on asking.
                Log.of(CodeShelf.class).debug("Code was not put into the store", failure);
              }
              return failure == null;
            })
        .thenCompose(done -> done ? place() : CompletableFuture.completedFuture(null));
  }

  private static byte[] sha256(ByteBuffer bytes) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      digest.update(bytes.duplicate());
      return digest.digest();
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
