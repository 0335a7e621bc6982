package dev.martlet.internal.worker.loader;

import dev.martlet.internal.classpath.Entry;
import dev.martlet.internal.classpath.Hash;
import dev.martlet.internal.classpath.JarNames;
import dev.martlet.internal.classpath.Stamp;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.net.URL;
import java.util.function.Supplier;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.jar.Manifest;
import org.jspecify.annotations.Nullable;

/**
 * A jar: read in place on the client's machine; else from the cache; else its names decide whether
 * it is fetched at all.
 */
final class JarPlace implements Place {
  private final Realm realm;
  private final Entry entry;
  private final Supplier<Hash> hash;
  private volatile @Nullable JarFile jar;
  private volatile @Nullable JarNames names;

  JarPlace(Realm realm, Entry entry, Supplier<Hash> hash) {
    this.realm = realm;
    this.entry = entry;
    this.hash = hash;
  }

  @Override
  public Entry entry() {
    return entry;
  }

  @Override
  public byte @Nullable [] classFile(String name) throws IOException {
    JarFile j = jarWith(name);
    JarEntry e = j == null ? null : j.getJarEntry(name);
    if (j == null || e == null) {
      return null;
    }
    try (InputStream in = j.getInputStream(e)) {
      return in.readAllBytes();
    }
  }

  @Override
  public @Nullable URL resource(String name) throws IOException {
    JarFile j = jarWith(name);
    JarEntry e = j == null ? null : j.getJarEntry(name);
    if (j == null || e == null) {
      return null;
    }
    String file = new File(j.getName()).toURI().toURL().toString();
    return new URL("jar:" + file + "!/" + HomeUrl.escape(e.getRealName()));
  }

  @Override
  public @Nullable Manifest manifest() throws IOException {
    JarFile j = jar;
    return j == null ? null : j.getManifest();
  }

  /** Returns the jar if it has, or may have, a resource of this name. */
  private @Nullable JarFile jarWith(String name) throws IOException {
    if (entry.hides(name)) {
      return null;
    }
    JarFile j = jar;
    if (j == null) {
      j = find(name);
      jar = j;
    }
    return j;
  }

  private @Nullable JarFile find(String name) throws IOException {
    JarNames all = names;
    if (all == null) {
      Stamp stamp = entry.stamp();
      if (realm.isLocal() && entry.kind() == Entry.Kind.JAR && stamp != null) {
        JarFile here = realm.cache().jarInPlace(entry.file(), stamp);
        if (here != null) {
          return here;
        }
      }
      // The disk of an instance is most often as new as it is: its names are at hand sooner.
      JarFile cached =
          realm.isLocal()
              ? realm.cache().jarIfHere(hash.get(), realm.questions())
              : realm.cache().jarIfOpen(hash.get());
      if (cached != null) {
        return cached;
      }
      all = realm.cache().names(hash.get(), realm.questions());
      names = all;
    }
    if (!all.mayHave(name)) {
      return null;
    }
    names = null;
    return realm.cache().jar(hash.get(), realm.questions());
  }
}
