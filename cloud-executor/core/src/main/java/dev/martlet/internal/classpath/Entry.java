package dev.martlet.internal.classpath;

import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One place where a loader looks for classes and resources.
 *
 * @param kind what it is
 * @param url its location as its classes' code source tells it
 * @param path the directory or jar, or the jar that it is nested in; empty on another machine
 * @param stamp what the file was when it was indexed; none for a directory
 * @param inner for something nested the name of a jar, or of a directory with a slash at its end
 * @param application whether its classes belong to the application
 * @param own whether Martlet's own classes are in it, which are hidden
 * @param packages the directories with class files when it was indexed; null if not known
 */
public record Entry(
    Kind kind,
    String url,
    String path,
    @Nullable Stamp stamp,
    String inner,
    boolean application,
    boolean own,
    @Nullable Set<String> packages) {

  /** What an entry is. */
  public enum Kind {
    /** A directory. */
    DIRECTORY(1),
    /** A jar file. */
    JAR(2),
    /** A jar or a directory within a jar file. */
    NESTED(3);

    private final byte code;

    Kind(int code) {
      this.code = (byte) code;
    }

    private static Kind of(byte code) {
      for (Kind k : values()) {
        if (k.code == code) {
          return k;
        }
      }
      throw new Wire.MalformedException("an entry of kind " + code);
    }
  }

  /** Returns the file on the client's machine. */
  public Path file() {
    return Path.of(path);
  }

  /** Returns whether a resource of this entry is invisible to user code. */
  public boolean hides(String name) {
    return own && Martlet.owns(name);
  }

  Entry with(boolean inApplication) {
    return new Entry(kind, url, path, stamp, inner, inApplication, own, packages);
  }

  void write(Wire.Writer out) {
    out.put(kind.code).string(url).string(path).string(inner);
    out.bool(application).bool(own);
    out.bool(stamp != null);
    if (stamp != null) {
      out.number(stamp.size()).number(stamp.modified()).number(stamp.inode());
    }
    out.bool(packages != null);
    if (packages != null) {
      out.integer(packages.size());
      packages.forEach(out::string);
    }
  }

  static Entry read(Wire.Reader in) {
    Kind kind = Kind.of(in.get());
    String url = in.string();
    String path = in.string();
    String inner = in.string();
    boolean application = in.bool();
    boolean own = in.bool();
    Stamp stamp = in.bool() ? new Stamp(in.number(), in.number(), in.number()) : null;
    Set<String> packages = null;
    if (in.bool()) {
      packages = new HashSet<>();
      for (int n = in.count(); n > 0; n--) {
        packages.add(in.string());
      }
    }
    return new Entry(kind, url, path, stamp, inner, application, own, packages);
  }
}
