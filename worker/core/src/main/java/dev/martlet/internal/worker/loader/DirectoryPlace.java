package dev.martlet.internal.worker.loader;

import dev.martlet.internal.classpath.Entry;
import java.io.IOException;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Set;
import java.util.jar.Manifest;
import org.jspecify.annotations.Nullable;

/**
 * A directory of the client's, whose files may come and go: it is asked each time, except for
 * classes of packages that it did not have. Class files come from the client even on its own
 * machine, since it knows whether they are those that it uses.
 */
final class DirectoryPlace implements Place {
  private final Realm realm;
  private final int loader;
  private final int index;
  private final Entry entry;

  DirectoryPlace(Realm realm, int loader, int index, Entry entry) {
    this.realm = realm;
    this.loader = loader;
    this.index = index;
    this.entry = entry;
  }

  @Override
  public Entry entry() {
    return entry;
  }

  @Override
  public byte @Nullable [] classFile(String name) {
    return mayHave(name) ? fetch(name) : null;
  }

  @Override
  public @Nullable URL resource(String name) throws IOException {
    if (entry.hides(name)) {
      return null;
    }
    if (realm.isLocal()) {
      Path file = file(name);
      return file != null && Files.exists(file) ? new URL(url(name)) : null;
    }
    byte[] bytes = fetch(name);
    return bytes == null ? null : HomeUrl.of(url(name), () -> bytes);
  }

  @Override
  public @Nullable Manifest manifest() {
    return null;
  }

  private String url(String name) {
    return entry.url() + HomeUrl.escape(name);
  }

  private boolean mayHave(String name) {
    if (realm.isLocal()) {
      Path file = file(name);
      return file != null && Files.exists(file);
    }
    Set<String> packages = entry.packages();
    return packages == null
        || packages.contains(name.substring(0, Math.max(0, name.lastIndexOf('/'))));
  }

  private byte @Nullable [] fetch(String name) {
    Questions questions = realm.questions();
    if (!realm.isLocal()) {
      Questions.Content content = questions.files(loader, name).get(index);
      return content == null ? null : realm.cache().bytes(content, questions);
    }
    return realm
        .cache()
        .fetch(
            entry.path() + "\0" + name,
            known -> questions.find(loader, index, name, known),
            questions);
  }

  private @Nullable Path file(String name) {
    try {
      Path file = entry.file().resolve(name).normalize();
      return file.startsWith(entry.file().normalize()) ? file : null;
    } catch (InvalidPathException e) {
      return null;
    }
  }
}
