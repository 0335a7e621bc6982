package dev.martlet.internal.worker.host;

import dev.martlet.CloudForkJoinPool;
import dev.martlet.internal.capture.Sited;
import dev.martlet.internal.codec.Border;
import dev.martlet.internal.codec.GraphEncoder;
import dev.martlet.internal.codec.ObjectTable;
import dev.martlet.internal.codec.UntravelableException;
import dev.martlet.internal.dispatch.Body;
import dev.martlet.internal.dispatch.Protocol;
import dev.martlet.internal.effects.JdkTable;
import dev.martlet.internal.effects.MapEntries;
import dev.martlet.internal.worker.weave.WovenStatics;
import java.io.ByteArrayOutputStream;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;

/**
 * A call of a task's, as it leaves for another instance: its function, its arguments, and the
 * static fields that it is known to use, as they are here. What synchronises stays here with it,
 * since nobody could be told there what others do meanwhile.
 */
final class NestedGraph {
  // It is in memory here more than once until it has left.
  private static final long MOST_BYTES = 64L << 20;

  private static final ClassValue<Boolean> VOLATILE =
      new ClassValue<>() {
        @Override
        protected Boolean computeValue(Class<?> type) {
          try {
            for (Class<?> c = type; c != null; c = c.getSuperclass()) {
              if (!JdkTable.isJdk(c.getName().replace('.', '/')) && hasVolatile(c)) {
                return true;
              }
            }
            return false;
          } catch (LinkageError e) {
            return true; // for all that is known: the type of a field is not there
          }
        }

        private static boolean hasVolatile(Class<?> c) {
          return Arrays.stream(c.getDeclaredFields())
              .anyMatch(
                  f ->
                      (f.getModifiers() & (Modifier.VOLATILE | Modifier.STATIC))
                          == Modifier.VOLATILE);
        }
      };

  private final CallRun run;
  private final ObjectTable table = new ObjectTable();
  private final Border border;
  private ByteBuffer graph = ByteBuffer.allocate(0);
  private ByteBuffer ahead = ByteBuffer.allocate(0);

  /** The call stays here. */
  static final class StaysException extends Exception {
    private static final long serialVersionUID = 1L;

    StaysException(String reason) {
      super(reason, null, false, false);
    }
  }

  private NestedGraph(CallRun run) {
    this.run = run;
    this.border = new Outward(run.border());
  }

  /**
   * Captures a call. While that goes on, nothing of what other calls have changed may be applied.
   *
   * @param statics the static fields that it uses
   * @throws StaysException if it cannot leave
   */
  static NestedGraph capture(CallRun run, Body body, List<NestedKind.StaticField> statics)
      throws StaysException {
    if (body.kind().code() > Body.Kind.BI_ACCEPT.code() || body.function() instanceof Sited) {
      throw new StaysException("it is no function by itself");
    }
    NestedGraph g = new NestedGraph(run);
    try {
      GraphEncoder out = new GraphEncoder(run.space(), g.border, g.table);
      out.lend(); // until it is known how much there is
      out.writeByte(body.kind().code());
      out.write(body.function());
      out.write(body.first());
      out.write(body.second());
      if (out.size() > MOST_BYTES) {
        throw new StaysException("it has " + out.size() + " bytes");
      }
      g.graph = ByteBuffer.wrap(out.toByteArray());
      g.takeStatics(statics);
    } catch (OutOfMemoryError e) {
      throw new StaysException("there is no memory for a copy of it");
    } catch (UntravelableException e) {
      throw new StaysException(e.path() + " cannot travel: it " + e.reason());
    } catch (IllegalArgumentException e) {
      throw new StaysException("it cannot travel: " + e.getMessage());
    }
    g.check();
    return g;
  }

  ObjectTable table() {
    return table;
  }

  ByteBuffer graph() {
    return graph;
  }

  ByteBuffer ahead() {
    return ahead;
  }

  private void takeStatics(List<NestedKind.StaticField> statics)
      throws UntravelableException, StaysException {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    for (NestedKind.StaticField s : statics) {
      GraphEncoder out = new GraphEncoder(run.space(), border, table);
      out.write(value(s));
      byte[] type = Protocol.utf8(s.type());
      byte[] name = Protocol.utf8(s.name());
      byte[] value = out.toByteArray();
      ByteBuffer b = ByteBuffer.allocate(4 + 4 + type.length + 4 + name.length + 4 + value.length);
      b.putInt(s.loader());
      Protocol.putString(b, type);
      Protocol.putString(b, name);
      Protocol.putString(b, value);
      all.writeBytes(b.array());
    }
    ahead = ByteBuffer.wrap(all.toByteArray());
  }

  private @Nullable Object value(NestedKind.StaticField s) throws StaysException {
    try {
      Class<?> declaring = run.realm.load(s.loader(), s.type());
      // It may have its value from home already; if not, the call would have it come here as well.
      int index =
          WovenStatics.isInitialised(declaring) ? WovenStatics.index(declaring, s.name()) : -1;
      if (index < 0) {
        throw new StaysException("it uses " + s.type() + ", which is not initialised here");
      }
      run.staticField(declaring, index, /* write= */ false);
      return WovenStatics.get(declaring, index);
    } catch (ClassNotFoundException e) {
      throw new StaysException("there is no " + s.type());
    }
  }

  private void check() throws StaysException {
    Class<?> last = null;
    boolean plain = false;
    for (int id = 0; id < table.size(); id++) {
      Object o = table.get(id);
      Class<?> type = o.getClass();
      if (type != last) {
        last = type;
        plain = !JdkTable.synchronises(type) && !VOLATILE.get(type);
      }
      if (!plain && border.replace(o) == null) {
        throw new StaysException("it shares a " + type.getName());
      } else if (MapEntries.isLive(o)) {
        throw new StaysException("it has an entry of a map");
      } else if (run.hasInPart(o)) {
        throw new StaysException("of a " + type.getName() + " that it has, fields are at home");
      }
    }
  }

  /** What travels by name, but for what is this call's own. */
  private static final class Outward implements Border {
    private final Border border;

    Outward(Border border) {
      this.border = border;
    }

    @Override
    public @Nullable Object replace(Object o) {
      if (o instanceof CloudForkJoinPool
          || (o instanceof Future<?> && o.getClass().getName().startsWith("dev.martlet."))) {
        throw new IllegalArgumentException("a " + o.getClass().getName());
      }
      return border.replace(o);
    }

    @Override
    public Object resolve(Object token) {
      return border.resolve(token);
    }

    @Override
    public boolean staysHome(Field field) {
      return border.staysHome(field);
    }

    @Override
    public boolean keepsLiterals() {
      return border.keepsLiterals();
    }
  }
}
