package dev.martlet.internal.worker.weave;

import static dev.martlet.internal.shaded.bytebuddy.jar.asm.Opcodes.*;

import dev.martlet.internal.shaded.bytebuddy.jar.asm.tree.ClassNode;
import dev.martlet.internal.shaded.bytebuddy.jar.asm.tree.FieldNode;
import dev.martlet.internal.shaded.bytebuddy.jar.asm.tree.InnerClassNode;
import dev.martlet.internal.shaded.bytebuddy.jar.asm.tree.MethodNode;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Comparator;
import java.util.List;

/** The serial version that a class has by default, as the specification of serialisation has it. */
final class SerialVersion {
  static final String FIELD = "serialVersionUID";

  private static final int OF_CLASS = ACC_PUBLIC | ACC_FINAL | ACC_INTERFACE | ACC_ABSTRACT;
  private static final int VISIBILITY = ACC_PUBLIC | ACC_PRIVATE | ACC_PROTECTED;
  private static final int OF_FIELD =
      VISIBILITY | ACC_STATIC | ACC_FINAL | ACC_VOLATILE | ACC_TRANSIENT;
  private static final int OF_METHOD =
      VISIBILITY
          | ACC_STATIC
          | ACC_FINAL
          | ACC_SYNCHRONIZED
          | ACC_NATIVE
          | ACC_ABSTRACT
          | ACC_STRICT;

  private SerialVersion() {}

  static boolean isDeclared(ClassNode node) {
    return node.fields.stream().anyMatch(f -> f.name.equals(FIELD));
  }

  static long ofDefault(ClassNode node) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (DataOutputStream out = new DataOutputStream(bytes)) {
      write(node, out);
      byte[] hash = MessageDigest.getInstance("SHA").digest(bytes.toByteArray());
      long version = 0;
      for (int i = 7; i >= 0; i--) {
        version = version << 8 | (hash[i] & 0xFF);
      }
      return version;
    } catch (IOException | NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  private static void write(ClassNode node, DataOutputStream out) throws IOException {
    out.writeUTF(node.name.replace('/', '.'));
    out.writeInt(access(node) & OF_CLASS);
    for (String i : node.interfaces.stream().map(n -> n.replace('/', '.')).sorted().toList()) {
      out.writeUTF(i);
    }
    List<FieldNode> fields =
        node.fields.stream().sorted(Comparator.comparing((FieldNode f) -> f.name)).toList();
    for (FieldNode f : fields) {
      if ((f.access & ACC_PRIVATE) == 0 || (f.access & (ACC_STATIC | ACC_TRANSIENT)) == 0) {
        write(f.name, f.access & OF_FIELD, f.desc, out);
      }
    }
    if (node.methods.stream().anyMatch(m -> m.name.equals("<clinit>"))) {
      write("<clinit>", ACC_STATIC, "()V", out);
    }
    for (boolean constructors : new boolean[] {true, false}) {
      List<MethodNode> methods =
          node.methods.stream()
              .filter(m -> m.name.equals("<init>") == constructors && !m.name.equals("<clinit>"))
              .filter(m -> (m.access & ACC_PRIVATE) == 0)
              .sorted(Comparator.comparing((MethodNode m) -> m.name).thenComparing(m -> m.desc))
              .toList();
      for (MethodNode m : methods) {
        write(m.name, m.access & OF_METHOD, m.desc.replace('/', '.'), out);
      }
    }
  }

  /** The modifiers as reflection gives them: for a nested class, those of its source. */
  private static int access(ClassNode node) {
    for (InnerClassNode i : node.innerClasses) {
      if (i.name.equals(node.name)) {
        return i.access;
      }
    }
    return node.access;
  }

  private static void write(String name, int access, String descriptor, DataOutputStream out)
      throws IOException {
    out.writeUTF(name);
    out.writeInt(access);
    out.writeUTF(descriptor);
  }
}
