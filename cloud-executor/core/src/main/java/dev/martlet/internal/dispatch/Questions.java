package dev.martlet.internal.dispatch;

import dev.martlet.internal.capture.Tokens;
import dev.martlet.internal.classpath.ClassWorld;
import dev.martlet.internal.codec.ArrayImage;
import dev.martlet.internal.codec.ArrayMirrors;
import dev.martlet.internal.codec.Border;
import dev.martlet.internal.codec.ClassSpace;
import dev.martlet.internal.codec.GraphEncoder;
import dev.martlet.internal.codec.ObjectTable;
import dev.martlet.internal.codec.UntravelableException;
import dev.martlet.internal.effects.Statics;
import dev.martlet.spi.PlatformConfig;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Answers what workers ask of the client: for code, static fields and the levels of loggers, to
 * initialise a class, to apply effects before the task ends. Thread-safe.
 */
final class Questions implements PlatformConfig.Questions {
  private final ClassWorld world;
  private final ClassSpace space;
  private final Border border;
  private final ArrayMirrors mirrors;
  private final Map<Long, Away> attempts;

  /**
   * Creates the answers.
   *
   * @param attempts the attempts that are away, by wire id
   */
  Questions(
      ClassWorld world,
      ClassSpace space,
      Border border,
      ArrayMirrors mirrors,
      Map<Long, Away> attempts) {
    this.mirrors = mirrors;
    this.world = world;
    this.space = space;
    this.border = border;
    this.attempts = attempts;
  }

  @Override
  public List<ByteBuffer> answerInParts(ByteBuffer question) {
    if (question.get(question.position()) == Protocol.PIECES) {
      return pieces(question.position(question.position() + 1));
    }
    return List.of(answer(question));
  }

  @Override
  public boolean isRepeatable(ByteBuffer question) {
    ByteBuffer ofClassPath = ofClassPath(question);
    return ofClassPath != null && world.isRepeatable(ofClassPath);
  }

  @Override
  public boolean isOfContent(ByteBuffer question) {
    return Protocol.isOfContent(question);
  }

  @Override
  public @Nullable String contentName(ByteBuffer question) {
    return Protocol.contentName(question);
  }

  /** Returns a question for the class path, or null if it is another. */
  private static @Nullable ByteBuffer ofClassPath(ByteBuffer question) {
    ByteBuffer rest = question.duplicate();
    return rest.get() == Protocol.CLASSPATH ? rest : null;
  }

  @Override
  public List<ByteBuffer> expected() {
    return framed(world.expected());
  }

  @Override
  public List<ByteBuffer> next(ByteBuffer question) {
    ByteBuffer ofClassPath = ofClassPath(question);
    return ofClassPath == null ? List.of() : framed(world.next(ofClassPath));
  }

  static List<ByteBuffer> framed(Collection<ByteBuffer> ofClassPath) {
    List<ByteBuffer> questions = new ArrayList<>(ofClassPath.size());
    for (ByteBuffer q : ofClassPath) {
      questions.add(
          ByteBuffer.allocate(1 + q.remaining()).put(Protocol.CLASSPATH).put(q.duplicate()).flip());
    }
    return questions;
  }

  @Override
  public int version() {
    return world.version();
  }

  @Override
  public ByteBuffer answer(ByteBuffer question) {
    byte kind = question.get();
    if (kind == Protocol.PIECES) {
      throw new IllegalArgumentException("pieces come in parts");
    }
    if (kind == Protocol.CLASSPATH) {
      return world.answer(question);
    }
    long wireId = question.getLong();
    if (wireId == Protocol.LIGHT) {
      return lightAnswer(kind, question);
    }
    Away a = attempts.get(wireId);
    if (a == null) {
      return refusal("the call has ended");
    }
    if (kind == Protocol.FLUSH) {
      return flush(a, question);
    }
    if (kind == Protocol.LOGGER) {
      return logger(question.get() == 1, Protocol.getString(question));
    }
    synchronized (a.table()) {
      GraphEncoder out = new GraphEncoder(space, border, a.table());
      out.mirrors(mirrors);
      out.locals(a.locals());
      int known = a.table().size();
      try {
        out.writeByte(Protocol.OK);
        out.write(value(kind, question));
        a.answering(known);
        return ByteBuffer.wrap(out.toByteArray());
      } catch (UntravelableException e) {
        return refusal(e.getMessage() + ", which cannot travel");
      } catch (Throwable e) {
        return failure(e);
      }
    }
  }

  /** Answers with pieces of an image by which an array of the call has travelled. */
  private List<ByteBuffer> pieces(ByteBuffer question) {
    Away a = attempts.get(question.getLong());
    if (a == null) {
      throw new IllegalStateException("the call has ended");
    }
    int id = question.getInt();
    ArrayImage image;
    synchronized (a.table()) {
      image = a.table().image(id);
    }
    if (image == null) {
      throw new IllegalArgumentException("object " + id + " did not travel as an image");
    }
    if (image.pieces().length == 0) {
      throw new IllegalStateException("object " + id + " is in the store, and nowhere else");
    }
    List<ByteBuffer> all = new ArrayList<>();
    all.add(ByteBuffer.wrap(new byte[] {Protocol.OK}));
    long bytes = 0;
    while (question.hasRemaining()) {
      byte[] piece = image.pieces()[question.getInt()];
      all.add(ByteBuffer.wrap(piece).asReadOnlyBuffer());
      bytes += piece.length;
    }
    a.sentMore(bytes);
    return all;
  }

  /** Answers a light call, whose objects nobody has kept: only what needs none. */
  private ByteBuffer lightAnswer(byte kind, ByteBuffer question) {
    if (kind != Protocol.INITIALISE) {
      return refusal("a light task has no more than what it brought");
    }
    try {
      Object unused = value(kind, question);
      return ByteBuffer.wrap(new byte[] {Protocol.OK});
    } catch (Throwable e) {
      return refusal(e.toString());
    }
  }

  private @Nullable Object value(byte kind, ByteBuffer question) throws Throwable {
    Class<?> type = world.load(question.getInt(), Protocol.getString(question));
    if (!world.isApplication(type)) {
      throw new IllegalArgumentException("a question about " + type);
    }
    Class<?> unused = Class.forName(type.getName(), true, type.getClassLoader());
    String field = Protocol.getString(question);
    return kind == Protocol.INITIALISE ? null : Statics.get(type.getDeclaredField(field));
  }

  private static ByteBuffer logger(boolean slf4j, String name) {
    byte[] level = Protocol.utf8(Tokens.level(slf4j, name));
    ByteBuffer b = ByteBuffer.allocate(1 + 4 + level.length).put(Protocol.OK);
    Protocol.putString(b, level);
    return b.flip();
  }

  private static ByteBuffer flush(Away a, ByteBuffer effects) {
    try {
      a.flush(effects);
      return ByteBuffer.wrap(new byte[] {Protocol.OK});
    } catch (Throwable e) {
      return refusal(e.toString());
    }
  }

  private static ByteBuffer refusal(String why) {
    byte[] utf8 = Protocol.utf8(why);
    ByteBuffer b = ByteBuffer.allocate(1 + 4 + utf8.length);
    b.put(Protocol.DROPPED);
    Protocol.putString(b, utf8);
    return b.flip();
  }

  /** A failure has a table of its own: the call's must stay as the worker's, which asks on. */
  private ByteBuffer failure(Throwable e) {
    try {
      GraphEncoder out = new GraphEncoder(space, border, new ObjectTable());
      out.writeByte(Protocol.FAILED);
      out.write(e);
      return ByteBuffer.wrap(out.toByteArray());
    } catch (UntravelableException u) {
      return refusal(e.toString());
    }
  }
}
