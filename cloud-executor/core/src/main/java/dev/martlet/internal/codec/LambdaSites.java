package dev.martlet.internal.codec;

import dev.martlet.internal.shaded.bytebuddy.jar.asm.ClassReader;
import dev.martlet.internal.shaded.bytebuddy.jar.asm.ClassVisitor;
import dev.martlet.internal.shaded.bytebuddy.jar.asm.Handle;
import dev.martlet.internal.shaded.bytebuddy.jar.asm.MethodVisitor;
import dev.martlet.internal.shaded.bytebuddy.jar.asm.Opcodes;
import java.io.IOException;
import java.io.InputStream;
import java.lang.invoke.MethodType;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The lambdas that a class's own code makes. What a stranger sends may be a lambda only of these,
 * so that no bytes can put an arbitrary method behind an interface.
 */
final class LambdaSites {
  /** One place in code; the types are descriptors. */
  record Site(String implementation, String factory, String method, String type, String dynamic) {}

  private static final ClassValue<AtomicReference<Set<Site>>> SITES =
      new ClassValue<>() {
        @Override
        protected AtomicReference<Set<Site>> computeValue(Class<?> type) {
          return new AtomicReference<>();
        }
      };

  private LambdaSites() {}

  /**
   * Returns whether the code of the shape's host, or of a class of its nest, makes such a lambda.
   */
  static boolean makes(LambdaShape shape, ClassSpace space) {
    String name = key(shape.owner(), shape.name(), shape.implementationType());
    String special = "super" + name.substring(name.indexOf('.'));
    return of(shape.host(), space::classFile)
        .anyMatch(s -> s.implementation.equals(name) || s.implementation.equals(special));
  }

  /** Returns how sites name an implementation. */
  static String key(Class<?> owner, String name, MethodType type) {
    MethodType named = name.equals("<init>") ? type.changeReturnType(void.class) : type;
    return owner.getName().replace('.', '/') + "." + name + named.toMethodDescriptorString();
  }

  /** Returns the sites of a nest, as far as its class files can be had from their loaders. */
  static Stream<Site> of(Class<?> host) {
    return of(host, LambdaSites::resource);
  }

  private static Stream<Site> of(Class<?> host, Function<Class<?>, byte @Nullable []> files) {
    return Stream.of(host.getNestMembers()).flatMap(c -> inClass(c, files).stream());
  }

  private static Set<Site> inClass(Class<?> maker, Function<Class<?>, byte @Nullable []> files) {
    AtomicReference<Set<Site>> cached = SITES.get(maker);
    Set<Site> sites = cached.get();
    if (sites == null) {
      byte[] file = files.apply(maker);
      sites = file == null ? Set.of() : read(file);
      if (file != null) {
        cached.set(sites);
      }
    }
    return sites;
  }

  static byte @Nullable [] resource(Class<?> type) {
    String resource = "/" + type.getName().replace('.', '/') + ".class";
    try (InputStream in = type.getResourceAsStream(resource)) {
      return in == null ? null : in.readAllBytes();
    } catch (IOException e) {
      return null;
    }
  }

  private static Set<Site> read(byte[] classFile) {
    Set<Site> sites = new LinkedHashSet<>();
    new ClassReader(classFile)
        .accept(new Reader(sites), ClassReader.SKIP_DEBUG | ClassReader.SKIP_FRAMES);
    return sites;
  }

  private static final class Reader extends ClassVisitor {
    private final Set<Site> sites;

    Reader(Set<Site> sites) {
      super(Opcodes.ASM9);
      this.sites = sites;
    }

    @Override
    public MethodVisitor visitMethod(
        int access,
        String name,
        String descriptor,
        @Nullable String signature,
        String @Nullable [] exceptions) {
      return new MethodVisitor(Opcodes.ASM9) {
        @Override
        public void visitInvokeDynamicInsn(
            String method, String factory, Handle bootstrap, Object... arguments) {
          if (bootstrap.getOwner().equals("java/lang/invoke/LambdaMetafactory")
              && arguments.length > 2
              && arguments[1] instanceof Handle h) {
            boolean special = h.getTag() == Opcodes.H_INVOKESPECIAL;
            sites.add(
                new Site(
                    (special ? "super" : h.getOwner()) + "." + h.getName() + h.getDesc(),
                    factory,
                    method,
                    arguments[0].toString(),
                    arguments[2].toString()));
          }
        }
      };
    }
  }
}
