package dev.martlet.internal.classpath;

import java.util.AbstractList;
import java.util.ArrayList;
import java.util.List;
import java.util.RandomAccess;
import org.jspecify.annotations.Nullable;

/**
 * What one class loader of the client looks like.
 *
 * @param id its number
 * @param name its name, or empty
 * @param parent the number of its parent; {@link #NO_PARENT} for the boot loader
 * @param dynamic whether only the loader itself knows what it finds and where; else it asks its
 *     parent first and then looks into its entries in order
 * @param entries where it looks
 */
public record LoaderImage(int id, String name, int parent, boolean dynamic, List<Entry> entries) {
  /** The parent of a loader that has only the boot loader above. */
  public static final int NO_PARENT = -1;

  /** Creates an image with an unmodifiable copy of the entries. */
  public LoaderImage {
    entries = entries instanceof Unread ? entries : List.copyOf(entries);
  }

  /** Returns this image with entries that are the application's by now. */
  LoaderImage with(Application application) {
    List<Entry> marked = new ArrayList<>();
    for (Entry e : entries) {
      marked.add(e.application() ? e : e.with(application.isPlace(e.url())));
    }
    return new LoaderImage(id, name, parent, dynamic, marked);
  }

  /** Writes this image. */
  public void write(Wire.Writer out) {
    out.integer(id).string(name).integer(parent).bool(dynamic).integer(entries.size());
    for (Entry e : entries) {
      Wire.Writer one = new Wire.Writer();
      e.write(one);
      out.part(one);
    }
  }

  /** Reads an image. */
  public static LoaderImage read(Wire.Reader in) {
    int id = in.integer();
    String name = in.string();
    int parent = in.integer();
    boolean dynamic = in.bool();
    Wire.Reader[] entries = new Wire.Reader[in.count()];
    for (int i = 0; i < entries.length; i++) {
      entries[i] = in.part();
    }
    return new LoaderImage(id, name, parent, dynamic, new Unread(entries));
  }

  /** Entries that are read when they are asked for: a class is often in one of the first. */
  private static final class Unread extends AbstractList<Entry> implements RandomAccess {
    private final Wire.Reader[] in;
    private final @Nullable Entry[] read;

    Unread(Wire.Reader[] in) {
      this.in = in;
      read = new Entry[in.length];
    }

    @Override
    public synchronized Entry get(int index) {
      Entry e = read[index];
      if (e == null) {
        e = Entry.read(in[index]);
        read[index] = e;
      }
      return e;
    }

    @Override
    public int size() {
      return read.length;
    }
  }
}
