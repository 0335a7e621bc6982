package dev.martlet.internal.worker.host;

import dev.martlet.internal.codec.ClassPlan;
import dev.martlet.internal.codec.FieldSlot;
import dev.martlet.internal.codec.LambdaShape;
import dev.martlet.internal.effects.JdkTable;
import dev.martlet.internal.shaded.bytebuddy.jar.asm.ClassReader;
import dev.martlet.internal.shaded.bytebuddy.jar.asm.ClassVisitor;
import dev.martlet.internal.shaded.bytebuddy.jar.asm.Handle;
import dev.martlet.internal.shaded.bytebuddy.jar.asm.MethodVisitor;
import dev.martlet.internal.shaded.bytebuddy.jar.asm.Opcodes;
import java.io.IOException;
import java.io.InputStream;
import java.lang.invoke.MethodHandleInfo;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Whether a function's code does nothing but compute with its arguments: no static fields, nothing
 * thrown, no monitors, and no user code but in classes and methods that cannot be overridden. What
 * it changes in its arguments is as it should be, since these are the live objects.
 */
final class FunctionCode {
  private static final int DEPTH = 4;
  private static final ClassValue<Map<String, Boolean>> KNOWN =
      new ClassValue<>() {
        @Override
        protected Map<String, Boolean> computeValue(Class<?> type) {
          return new ConcurrentHashMap<>();
        }
      };

  private FunctionCode() {}

  static List<@Nullable Object> captured(Object function) {
    List<@Nullable Object> values = new ArrayList<>();
    for (FieldSlot s : ClassPlan.of(function.getClass()).slots()) {
      if (s.isReference()) {
        values.add(s.getReference(function));
      }
    }
    return values;
  }

  static boolean isPure(LambdaShape shape) {
    LambdaShape original = dev.martlet.internal.worker.weave.References.original(shape);
    if (original.kind() == MethodHandleInfo.REF_newInvokeSpecial && isJdk(original.owner())) {
      return true;
    }
    return isPure(
        original.owner(),
        original.name(),
        original.implementationType().toMethodDescriptorString(),
        DEPTH);
  }

  private static boolean isPure(Class<?> owner, String name, String descriptor, int depth) {
    if (isJdk(owner)) {
      String internal = owner.getName().replace('.', '/');
      return isHarmless(internal, name, descriptor);
    }
    if (depth == 0) {
      return false;
    }
    Map<String, Boolean> known = KNOWN.get(owner);
    Boolean pure = known.get(name + descriptor);
    if (pure == null) {
      pure = scan(owner, name, descriptor, depth);
      known.put(name + descriptor, pure);
    }
    return pure;
  }

  private static boolean isJdk(Class<?> type) {
    return JdkTable.isJdk(type.getName().replace('.', '/'));
  }

  private static boolean isHarmless(String owner, String name, String descriptor) {
    return !JdkTable.external(owner, name, descriptor)
        && !JdkTable.reflective(owner, name, descriptor)
        && !JdkTable.opaque(owner, name, descriptor)
        && !JdkTable.startsThread(owner, name, descriptor)
        && !owner.equals("java/lang/System")
        && !owner.equals("java/lang/Thread")
        && !owner.startsWith("java/lang/ref/");
  }

  private static boolean scan(Class<?> owner, String name, String descriptor, int depth) {
    String resource = "/" + owner.getName().replace('.', '/') + ".class";
    try (InputStream in = owner.getResourceAsStream(resource)) {
      if (in == null) {
        return false;
      }
      Scan scan = new Scan(owner, name, descriptor, depth);
      new ClassReader(in).accept(scan, ClassReader.SKIP_DEBUG | ClassReader.SKIP_FRAMES);
      return scan.found && scan.pure;
    } catch (IOException e) {
      return false;
    }
  }

  private static final class Scan extends ClassVisitor {
    private final Class<?> owner;
    private final String name;
    private final String descriptor;
    private final int depth;
    boolean found;
    boolean pure = true;

    Scan(Class<?> owner, String name, String descriptor, int depth) {
      super(Opcodes.ASM9);
      this.owner = owner;
      this.name = name;
      this.descriptor = descriptor;
      this.depth = depth;
    }

    @Override
    public @Nullable MethodVisitor visitMethod(
        int access,
        String method,
        String type,
        @Nullable String signature,
        String @Nullable [] exceptions) {
      if (!method.equals(name) || !type.equals(descriptor)) {
        return null;
      }
      int fixed = Opcodes.ACC_PRIVATE | Opcodes.ACC_STATIC | Opcodes.ACC_FINAL;
      found = true;
      pure =
          (access & (Opcodes.ACC_NATIVE | Opcodes.ACC_ABSTRACT | Opcodes.ACC_SYNCHRONIZED)) == 0
              && ((access & fixed) != 0
                  || name.equals("<init>")
                  || java.lang.reflect.Modifier.isFinal(owner.getModifiers()));
      return new Body();
    }

    private final class Body extends MethodVisitor {
      Body() {
        super(Opcodes.ASM9);
      }

      @Override
      public void visitInsn(int opcode) {
        pure &= opcode != Opcodes.ATHROW && opcode != Opcodes.MONITORENTER;
      }

      @Override
      public void visitFieldInsn(int opcode, String type, String field, String desc) {
        pure &= opcode == Opcodes.GETFIELD || opcode == Opcodes.PUTFIELD || JdkTable.isJdk(type);
      }

      @Override
      public void visitMethodInsn(
          int opcode, String type, String method, String desc, boolean isInterface) {
        if (JdkTable.isJdk(type) || type.startsWith("[")) {
          pure &= type.startsWith("[") || isHarmless(type, method, desc);
          return;
        }
        try {
          Class<?> c = Class.forName(type.replace('/', '.'), false, owner.getClassLoader());
          pure = pure && isPure(c, method, desc, depth - 1);
        } catch (ClassNotFoundException e) {
          pure = false;
        }
      }

      @Override
      public void visitInvokeDynamicInsn(
          String method, String desc, Handle bootstrap, Object... arguments) {
        pure &= bootstrap.getOwner().equals("java/lang/invoke/StringConcatFactory");
      }
    }
  }
}
