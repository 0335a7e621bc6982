package dev.martlet.internal.dispatch;

import dev.martlet.internal.capture.Needs;
import dev.martlet.internal.classpath.ClassWorld;
import dev.martlet.internal.codec.ClassPlan;
import dev.martlet.internal.codec.LambdaShape;
import java.nio.ByteBuffer;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * What workers on other machines will ask of the client for tasks that need certain classes: the
 * questions whose answers are the same whenever they are asked, so that these can travel ahead. It
 * is a hint, as the analysis behind it is; what follows from the answers, as content from its hash,
 * {@link dev.martlet.spi.PlatformConfig.Questions#next} tells. Thread-safe.
 */
public final class Expected {
  private final ClassWorld world;

  /** Creates it for the classes of this JVM. */
  public Expected(ClassWorld world) {
    this.world = world;
  }

  /** Returns the questions, in the same order whenever the code is the same. */
  public List<ByteBuffer> questions(Needs needs) {
    Set<ByteBuffer> all = new LinkedHashSet<>();
    needs.types().stream()
        .map(Expected::named)
        .distinct()
        .sorted(Comparator.comparing(Class::getName))
        .forEach(c -> all.addAll(world.expected(world.idOf(c), internalName(c))));
    int loader = world.idOf(needs.loader());
    for (String name : needs.classes()) {
      all.addAll(world.expected(loader, name));
    }
    return Questions.framed(all);
  }

  /** Returns the class by whose name a worker gets to another. */
  private static Class<?> named(Class<?> type) {
    Class<?> c = type;
    while (c.isArray()) {
      c = c.getComponentType();
    }
    LambdaShape shape = c.isHidden() ? ClassPlan.of(c).shape() : null;
    return shape != null ? shape.host() : c.isHidden() ? c.getNestHost() : c;
  }

  private static String internalName(Class<?> c) {
    return c.getName().replace('.', '/');
  }
}
