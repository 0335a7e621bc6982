package dev.martlet.internal.worker.loader;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import dev.martlet.internal.classpath.Hash;
import dev.martlet.internal.classpath.JarNames;
import dev.martlet.internal.classpath.LoaderImage;
import dev.martlet.internal.classpath.Wire;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The client, as one who answers questions about its classes. What it cannot answer is a {@link
 * CodeUnavailableError}, and is told of, since those who get the error may keep it to themselves.
 */
final class Questions {
  private final Function<ByteBuffer, ByteBuffer> ask;
  private final Consumer<CodeUnavailableError> onUnavailable;

  Questions(Function<ByteBuffer, ByteBuffer> ask, Consumer<CodeUnavailableError> onUnavailable) {
    this.ask = ask;
    this.onUnavailable = onUnavailable;
  }

  /** Tells that code could not be had, and returns the error to throw. */
  CodeUnavailableError unavailable(String message, @Nullable Throwable cause) {
    Throwable why = cause instanceof UncheckedIOException io ? io.getCause() : cause;
    CodeUnavailableError e =
        new CodeUnavailableError(why == null ? message : message + ": " + why, cause);
    onUnavailable.accept(e);
    return e;
  }

  record Image(int generation, Set<String> applicationPackages, LoaderImage loader) {}

  @SuppressWarnings("ArrayRecordComponent") // compared by its hash only
  record Content(Hash hash, long length, byte @Nullable [] bytes) {}

  record Found(int definer, boolean application, String source, @Nullable Content content) {}

  record Resource(String url, Content content) {}

  Image image(int loader) {
    Wire.Reader in = demand(new Wire.Writer(Wire.IMAGE).integer(loader));
    int generation = in.integer();
    Set<String> packages = new HashSet<>();
    for (int n = in.count(); n > 0; n--) {
      packages.add(in.string());
    }
    return new Image(generation, packages, LoaderImage.read(in));
  }

  List<Hash> hashes(int loader) {
    Wire.Reader in = demand(new Wire.Writer(Wire.HASHES).integer(loader));
    List<Hash> hashes = new ArrayList<>();
    for (int n = in.count(); n > 0; n--) {
      hashes.add(in.hash());
    }
    return hashes;
  }

  /** Returns the names in a jar. */
  JarNames names(Hash jar) {
    return JarNames.read(demand(new Wire.Writer(Wire.NAMES).hash(jar)));
  }

  /**
   * Writes the content with a hash.
   *
   * @return whether it came with the call; else whoever asked checks that it is that
   */
  @CanIgnoreReturnValue
  boolean blob(Hash hash, OutputStream out) throws IOException {
    long total;
    long done = 0;
    boolean given = true;
    do {
      Answer answer = put(new Wire.Writer(Wire.BLOB).hash(hash).number(done).integer(Wire.CHUNK));
      given &= answer.type() == Wire.GIVEN;
      Wire.Reader in = demanded(answer);
      total = in.number();
      byte[] piece = in.bytes(Wire.CHUNK);
      out.write(piece);
      done += piece.length;
      if ((piece.length == 0 && done < total) || done > total) {
        throw unavailable("the client sent " + done + " bytes of " + total, null);
      }
    } while (done < total);
    return given;
  }

  @Nullable Content find(int loader, int entry, String name, Hash known) {
    Wire.Reader in =
        ask(new Wire.Writer(Wire.FIND).integer(loader).integer(entry).string(name).hash(known));
    return in == null ? null : content(in);
  }

  /** Returns what the directories have under a name, by the number of their entry. */
  Map<Integer, Content> files(int loader, String name) {
    Wire.Reader in = demand(new Wire.Writer(Wire.FILES).integer(loader).string(name));
    Map<Integer, Content> found = new HashMap<>();
    for (int n = in.count(); n > 0; n--) {
      found.put(in.integer(), content(in));
    }
    return found;
  }

  @Nullable Found type(int loader, String name, Hash known) {
    return found(loader, ask(new Wire.Writer(Wire.CLASS).integer(loader).string(name).hash(known)));
  }

  /**
   * Returns likewise where a class is, but not its bytes.
   *
   * @param anew whether an earlier answer may be wrong by now
   */
  @Nullable Found typeApart(int loader, String name, boolean anew) {
    return found(loader, ask(new Wire.Writer(Wire.TYPE).integer(loader).string(name).bool(anew)));
  }

  private static @Nullable Found found(int loader, Wire.@Nullable Reader in) {
    if (in == null) {
      return null;
    }
    int definer = in.integer();
    boolean application = in.bool();
    String source = in.string();
    return new Found(definer, application, source, definer == loader ? content(in) : null);
  }

  List<Resource> resources(int loader, String name, boolean all) {
    Wire.Reader in = demand(new Wire.Writer(Wire.RESOURCES).integer(loader).string(name).bool(all));
    List<Resource> resources = new ArrayList<>();
    for (int n = in.count(); n > 0; n--) {
      resources.add(new Resource(in.string(), content(in)));
    }
    return resources;
  }

  /** Returns the identity hash codes that the constants of an enum have at home, in order. */
  int @Nullable [] constants(int loader, String name) {
    Wire.Reader in = ask(new Wire.Writer(Wire.CONSTANTS).integer(loader).string(name));
    if (in == null) {
      return null;
    }
    int[] hashes = new int[in.count()];
    for (int i = 0; i < hashes.length; i++) {
      hashes[i] = in.integer();
    }
    return hashes;
  }

  private static Content content(Wire.Reader in) {
    Hash hash = in.hash();
    long length = in.number();
    return new Content(hash, length, in.bool() ? in.bytes(Wire.INLINE) : null);
  }

  private Wire.Reader demand(Wire.Writer question) {
    return demanded(put(question));
  }

  private Wire.Reader demanded(Answer answer) {
    if (answer.type() == Wire.ABSENT) {
      throw unavailable("the client has no answer", null);
    }
    return answer.in();
  }

  private Wire.@Nullable Reader ask(Wire.Writer question) {
    Answer answer = put(question);
    return answer.type() == Wire.ABSENT ? null : answer.in();
  }

  private record Answer(byte type, Wire.Reader in) {}

  private Answer put(Wire.Writer question) {
    Wire.Reader in;
    byte type;
    try {
      in = new Wire.Reader(ask.apply(question.done()));
      type = in.get();
    } catch (RuntimeException e) {
      throw unavailable("the client could not be asked for a class or resource", e);
    }
    return switch (type) {
      case Wire.OK, Wire.GIVEN, Wire.ABSENT -> new Answer(type, in);
      case Wire.ERROR ->
          throw unavailable("the client could not give a class or resource: " + in.string(), null);
      default -> throw unavailable("no answer has the type " + type, null);
    };
  }
}
