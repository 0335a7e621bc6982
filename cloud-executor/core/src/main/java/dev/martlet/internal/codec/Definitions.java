package dev.martlet.internal.codec;

import dev.martlet.internal.agent.IdentityHash;
import java.lang.invoke.MethodHandleInfo;
import java.lang.invoke.MethodType;
import java.lang.reflect.Proxy;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** Turns descriptions of classes back into classes, and remembers what it resolved. */
final class Definitions {
  /** Lambdas that were made here, by host: they live as long as their host does. */
  private static final ClassValue<Map<LambdaShape, Object>> MADE =
      new ClassValue<>() {
        @Override
        protected Map<LambdaShape, Object> computeValue(Class<?> type) {
          return new ConcurrentHashMap<>();
        }
      };

  private final ClassSpace space;
  private final Trust trust;
  private final Map<ByteBuffer, Object> known;

  Definitions(ClassSpace space, Trust trust) {
    this.space = space;
    this.trust = trust;
    Map<ByteBuffer, Object> lasting = trust == Trust.FULL ? space.known() : null;
    this.known = lasting == null ? new HashMap<>() : lasting;
  }

  ClassSpace space() {
    return space;
  }

  ClassInfo read(ByteSource source) {
    byte[] bytes = new byte[source.readLength(1)];
    source.read(bytes, 0, bytes.length);
    ByteBuffer key = ByteBuffer.wrap(bytes);
    ClassInfo info = (ClassInfo) known.get(key);
    if (info == null) {
      info = resolve(new ByteSource(List.of(key.duplicate())));
      known.put(key, info);
    }
    return info;
  }

  private ClassInfo resolve(ByteSource from) {
    ClassInfo info;
    int form = from.readByte();
    if (form == ClassInfo.LAMBDA) {
      LambdaShape shape = shape(from);
      Object made = make(shape);
      info = ClassInfo.read(made.getClass(), space, shape.captured().isEmpty() ? made : null);
    } else {
      info = ClassInfo.read(type(form, from), space, null);
    }
    int layout = from.readFixedInt();
    if (layout != info.plan.layout()) {
      throw new CodecException(
          info.type.getName() + " has other fields here than where it was written");
    }
    return info;
  }

  private Class<?> type(ByteSource from) {
    return type(from.readByte(), from);
  }

  private Class<?> type(int form, ByteSource from) {
    return switch (form) {
      case ClassInfo.NAMED -> named(from);
      case ClassInfo.ARRAY -> {
        int dimensions = from.readByte() & 0xFF;
        Class<?> c = type(from);
        if (c == void.class) {
          throw new CodecException("an array of void");
        }
        if (c.isArray()) {
          throw new CodecException("an array that is described twice");
        }
        for (int i = 0; i < dimensions; i++) {
          c = c.arrayType();
        }
        yield c;
      }
      case ClassInfo.PRIMITIVE -> primitive((char) from.readByte());
      case ClassInfo.PROXY -> proxy(from);
      default -> throw new CodecException("no form of class: " + form);
    };
  }

  private Class<?> named(ByteSource from) {
    int loader = from.readVar();
    String name = from.readString();
    int hash = from.readFixedInt();
    try {
      Class<?> c = space.load(loader, name);
      if (trust == Trust.FULL) {
        // Before anyone asks for it: tables of classes have their order by it.
        boolean unused = IdentityHash.give(c, hash);
      }
      if (c.isArray() || c.isPrimitive() || c.isHidden() || !c.getName().equals(name)) {
        throw new CodecException("no class " + name);
      }
      return c;
    } catch (ClassNotFoundException | LinkageError | RuntimeException e) {
      throw e instanceof CodecException c ? c : new CodecException("no class " + name, e);
    }
  }

  private static Class<?> primitive(char letter) {
    if (ClassInfo.PRIMITIVES.indexOf(letter) < 0) {
      throw new CodecException("no primitive " + letter);
    }
    return MethodType.fromMethodDescriptorString("()" + letter, null).returnType();
  }

  private Class<?> proxy(ByteSource from) {
    Class<?>[] interfaces = new Class<?>[from.readLength(1)];
    for (int i = 0; i < interfaces.length; i++) {
      interfaces[i] = type(from);
    }
    for (int i = 0; i <= interfaces.length; i++) {
      ClassLoader loader =
          i < interfaces.length
              ? interfaces[i].getClassLoader()
              : ClassLoader.getSystemClassLoader();
      if (loader != null || i == interfaces.length) {
        try {
          return Proxy.newProxyInstance(loader, interfaces, (p, m, a) -> null).getClass();
        } catch (IllegalArgumentException e) {
          if (i == interfaces.length) {
            throw new CodecException("no proxy of such interfaces", e);
          }
        }
      }
    }
    throw new AssertionError();
  }

  private LambdaShape shape(ByteSource from) {
    Class<?> host = type(from);
    List<Class<?>> interfaces = new ArrayList<>();
    for (int n = from.readLength(1); n > 0; n--) {
      interfaces.add(type(from));
    }
    ClassLoader loader = host.getClassLoader();
    String method = from.readString();
    MethodType type = methodType(from, loader);
    List<MethodType> bridges = new ArrayList<>();
    for (int n = from.readLength(1); n > 0; n--) {
      bridges.add(methodType(from, loader));
    }
    MethodType dynamicType = methodType(from, loader);
    MethodType captured = methodType(from, loader);
    Class<?> owner = type(from);
    String name = from.readString();
    MethodType implementation = methodType(from, loader);
    int kind = from.readByte();
    boolean serializable = from.readByte() != 0;
    if (kind < MethodHandleInfo.REF_invokeVirtual
        || kind > MethodHandleInfo.REF_invokeInterface
        || interfaces.isEmpty()) {
      throw new CodecException("no lambda");
    }
    return new LambdaShape(
        host,
        List.copyOf(interfaces),
        method,
        type,
        List.copyOf(bridges),
        dynamicType,
        List.copyOf(captured.parameterList()),
        owner,
        name,
        implementation,
        kind,
        serializable);
  }

  private static MethodType methodType(
      ByteSource from, @org.jspecify.annotations.Nullable ClassLoader loader) {
    String descriptor = from.readString();
    try {
      return MethodType.fromMethodDescriptorString(descriptor, loader);
    } catch (IllegalArgumentException | TypeNotPresentException | LinkageError e) {
      throw new CodecException("no method type " + descriptor, e);
    }
  }

  private Object make(LambdaShape shape) {
    if (trust == Trust.INBOUND && !LambdaSites.makes(shape, space)) {
      throw new CodecException(
          "no code of " + shape.host().getName() + " makes a lambda of " + shape.name());
    }
    Map<LambdaShape, Object> made = MADE.get(shape.host());
    Object prototype = made.get(shape);
    if (prototype == null) {
      try {
        prototype = shape.make();
      } catch (VirtualMachineError e) {
        throw e;
      } catch (Throwable e) {
        throw new CodecException("no lambda of " + shape.host().getName() + "." + shape.name(), e);
      }
      Object earlier = made.putIfAbsent(shape, prototype);
      prototype = earlier == null ? prototype : earlier;
    }
    return prototype;
  }
}
