package dev.martlet.internal.codec;

import java.lang.invoke.MethodType;
import java.lang.reflect.Field;
import java.lang.reflect.Proxy;
import org.jspecify.annotations.Nullable;

/**
 * A class as one encoder or decoder sees it: its plan, how it is described, which fields stay home.
 */
final class ClassInfo {
  /** How a class is described. */
  static final int NAMED = 0;

  static final int ARRAY = 1;
  static final int PRIMITIVE = 2;
  static final int LAMBDA = 3;
  static final int PROXY = 4;
  static final String PRIMITIVES = "ZBSCIJFDV";

  final Class<?> type;
  final ClassPlan plan;
  final boolean application;
  final boolean @Nullable [] home; // by slot; null if all travel
  final @Nullable Object single; // the only instance, of a lambda without captures
  private byte @Nullable [] definition;
  int met; // the number of the encoder's last message that had it

  private ClassInfo(
      Class<?> type, boolean application, boolean @Nullable [] home, @Nullable Object single) {
    this.type = type;
    this.plan = ClassPlan.of(type);
    this.application = application;
    this.home = home;
    this.single = single;
  }

  static ClassInfo of(Class<?> type, ClassSpace space, Border border) {
    boolean application = false;
    boolean[] home = null;
    if (!type.isArray() && !type.isPrimitive()) {
      application = space.isApplication(type.isHidden() ? type.getNestHost() : type);
      ClassPlan plan = ClassPlan.of(type);
      if (!application && !Jdk.isJdk(type)) {
        Constants.scan(type, false);
      }
      FieldSlot[] slots = plan.slots;
      for (int i = 0; i < slots.length; i++) {
        if (slots[i].isReference()
            && space.isApplication(
                slots[i].declaringClass().isHidden()
                    ? slots[i].declaringClass().getNestHost()
                    : slots[i].declaringClass())
            && border.staysHome(slots[i].field())) {
          home = home == null ? new boolean[slots.length] : home;
          home[i] = true;
        }
      }
    }
    return new ClassInfo(type, application, home, null);
  }

  /** Returns what a reader knows about a class that it met in bytes. */
  static ClassInfo read(Class<?> type, ClassSpace space, @Nullable Object single) {
    boolean application =
        !type.isArray()
            && !type.isPrimitive()
            && space.isApplication(type.isHidden() ? type.getNestHost() : type);
    return new ClassInfo(type, application, null, single);
  }

  /** Returns the static field as which an object travels, or null. */
  @Nullable Field constant(Object o) {
    return application || plan.kind() == ClassPlan.Kind.REFUSED ? null : plan.constant(o);
  }

  /** Returns the description, led by its length. */
  byte[] definition(ClassSpace space) {
    byte[] d = definition;
    if (d == null) {
      ByteSink sink = new ByteSink();
      if (plan.shape != null) {
        define(space.original(plan.shape), space, sink);
      } else {
        define(type, space, sink);
      }
      sink.writeFixedInt(plan.layout());
      byte[] plain = sink.toByteArray();
      sink.reset();
      sink.writeVar(plain.length);
      sink.write(plain, 0, plain.length);
      d = sink.toByteArray();
      definition = d;
    }
    return d;
  }

  private static void define(Class<?> type, ClassSpace space, ByteSink to) {
    if (type.isPrimitive()) {
      to.writeByte(PRIMITIVE);
      to.writeByte(type.descriptorString().charAt(0));
    } else if (type.isArray()) {
      int dimensions = 0;
      Class<?> c = type;
      for (; c.isArray(); c = c.getComponentType()) {
        dimensions++;
      }
      to.writeByte(ARRAY);
      to.writeByte(dimensions);
      define(c, space, to);
    } else if (Proxy.isProxyClass(type)) {
      to.writeByte(PROXY);
      Class<?>[] interfaces = type.getInterfaces();
      to.writeVar(interfaces.length);
      for (Class<?> i : interfaces) {
        define(i, space, to);
      }
    } else if (type.isHidden()) {
      throw new Refusal(type, "is a generated class that only this JVM has");
    } else {
      to.writeByte(NAMED);
      to.writeVar(space.idOf(type));
      to.writeString(type.getName());
      to.writeFixedInt(space.hash(type));
    }
  }

  private static void define(LambdaShape shape, ClassSpace space, ByteSink to) {
    to.writeByte(LAMBDA);
    define(shape.host(), space, to);
    to.writeVar(shape.interfaces().size());
    for (Class<?> i : shape.interfaces()) {
      define(i, space, to);
    }
    to.writeString(shape.method());
    to.writeString(shape.type().toMethodDescriptorString());
    to.writeVar(shape.bridges().size());
    shape.bridges().forEach(b -> to.writeString(b.toMethodDescriptorString()));
    to.writeString(shape.dynamicType().toMethodDescriptorString());
    to.writeString(MethodType.methodType(void.class, shape.captured()).toMethodDescriptorString());
    define(shape.owner(), space, to);
    to.writeString(shape.name());
    to.writeString(shape.implementationType().toMethodDescriptorString());
    to.writeByte(shape.kind());
    to.writeByte(shape.serializable() ? 1 : 0);
  }
}
