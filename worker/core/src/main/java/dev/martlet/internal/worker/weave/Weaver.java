package dev.martlet.internal.worker.weave;

import static dev.martlet.internal.shaded.bytebuddy.jar.asm.Opcodes.*;

import dev.martlet.internal.shaded.bytebuddy.jar.asm.ClassReader;
import dev.martlet.internal.shaded.bytebuddy.jar.asm.ClassWriter;
import dev.martlet.internal.shaded.bytebuddy.jar.asm.Type;
import dev.martlet.internal.shaded.bytebuddy.jar.asm.tree.AbstractInsnNode;
import dev.martlet.internal.shaded.bytebuddy.jar.asm.tree.ClassNode;
import dev.martlet.internal.shaded.bytebuddy.jar.asm.tree.FieldInsnNode;
import dev.martlet.internal.shaded.bytebuddy.jar.asm.tree.FieldNode;
import dev.martlet.internal.shaded.bytebuddy.jar.asm.tree.FrameNode;
import dev.martlet.internal.shaded.bytebuddy.jar.asm.tree.InsnList;
import dev.martlet.internal.shaded.bytebuddy.jar.asm.tree.InsnNode;
import dev.martlet.internal.shaded.bytebuddy.jar.asm.tree.InvokeDynamicInsnNode;
import dev.martlet.internal.shaded.bytebuddy.jar.asm.tree.LdcInsnNode;
import dev.martlet.internal.shaded.bytebuddy.jar.asm.tree.MethodInsnNode;
import dev.martlet.internal.shaded.bytebuddy.jar.asm.tree.MethodNode;
import dev.martlet.internal.shaded.bytebuddy.jar.asm.tree.VarInsnNode;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.function.Function;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Weaves calls of {@link Hooks} into user code, which makes the worker the judge of what a task
 * does with objects that it shares.
 *
 * <p>What is woven, and why:
 *
 * <ul>
 *   <li>monitors, volatile fields and methods of the JDK's synchronising types, since by them a
 *       task learns of others;
 *   <li>static fields of application classes, since their values come from home: a read first makes
 *       sure that the field is present. Their initialisers run at home, not here;
 *   <li>reads of reference fields of application objects that give null, since a field that stayed
 *       at home looks like that, and what the JDK does with all fields of a record;
 *   <li>the initialisers of enums, whose constants have the hash codes that they have at home;
 *   <li>what touches the world outside, starts threads, or ends the JVM;
 *   <li>the JVM's common pool, in whose place the realm's is used.
 * </ul>
 *
 * <p>{@link FieldWeaver}, {@link CallWeaver} and {@link ReferenceWeaver} each weave one kind of
 * instruction, {@link StaticsWeaver} a class's static state. No branch is added to a user's method:
 * an instruction is replaced by a call of a small static bridge in the same class, which has the
 * same access rights and which the JIT inlines. So frames stay as they were.
 */
public final class Weaver {
  private final WovenClass woven;
  private final FieldWeaver fields;
  private final CallWeaver calls;
  private final ReferenceWeaver references;

  private Weaver(WovenClass woven) {
    this.woven = woven;
    fields = new FieldWeaver(woven);
    calls = new CallWeaver(woven);
    references = new ReferenceWeaver(woven, calls);
  }

  /** Weaves a class for nobody, so that what weaves is loaded and linked. */
  public static void warmUp() {
    try (InputStream in = Frames.class.getResourceAsStream("Frames.class")) {
      if (in != null) {
        byte[] unused = weave(in.readAllBytes(), true, name -> null, name -> false);
      }
    } catch (IOException | RuntimeException | LinkageError e) {
      // The first class to be woven will tell.
    }
  }

  /**
   * Weaves a class.
   *
   * @param classFile the class file as the client has it
   * @param application whether it is an application class
   * @param classFiles class files by internal name, or {@code null} where there is none
   * @param isApplication whether a class, by internal name, is an application class
   */
  public static byte[] weave(
      byte[] classFile,
      boolean application,
      Function<String, byte @Nullable []> classFiles,
      Predicate<String> isApplication) {
    ClassReader reader = new ClassReader(classFile);
    ClassNode node = new ClassNode();
    reader.accept(node, 0);
    ClassFiles files = new ClassFiles(classFiles);
    new Weaver(new WovenClass(node, application, files, isApplication)).weave();
    ClassWriter writer = new ClassWriter(ClassWriter.COMPUTE_MAXS);
    node.accept(writer);
    return writer.toByteArray();
  }

  private void weave() {
    List<MethodNode> methods = List.copyOf(woven.node.methods);
    int version = woven.node.version & 0xFFFF;
    // Interfaces could not have methods then, so nor bridges.
    boolean bare = woven.isInterface && version < V1_8;
    for (MethodNode m : methods) {
      if (m.instructions.size() > 0 && !bare) {
        if (woven.application && m.name.equals("<clinit>")) {
          weaveReferences(m);
        } else {
          weave(m);
        }
      }
    }
    if (woven.application) {
      new StaticsWeaver(woven).weave(this::weave);
      weaveToString();
    }
    WovenEnums.keepHashes(woven.node);
    if (!woven.references.isEmpty()) {
      woven.node.fields.add(
          new FieldNode(
              ACC_PUBLIC | ACC_STATIC | ACC_FINAL | ACC_SYNTHETIC,
              References.FIELD,
              "Ljava/lang/String;",
              null,
              String.join("\n", woven.references)));
    }
    if (version < V1_6) {
      // Without frames there is the old verifier; class constants came with 1.5.
      woven.node.version = V1_5;
      woven.node.methods.forEach(Weaver::removeFrames);
    }
  }

  /** Makes the bridges of an initialiser that runs at home, whence its references may come. */
  private void weaveReferences(MethodNode m) {
    for (AbstractInsnNode i : m.instructions.toArray()) {
      if (i instanceof InvokeDynamicInsnNode d) {
        references.weave(d);
      }
    }
  }

  private static void removeFrames(MethodNode m) {
    for (AbstractInsnNode i = m.instructions.getFirst(); i != null; ) {
      AbstractInsnNode next = i.getNext();
      if (i instanceof FrameNode) {
        m.instructions.remove(i);
      }
      i = next;
    }
  }

  /** Has an object's default description, which is its identity, checked like an identity hash. */
  private void weaveToString() {
    if (!Code.OBJECT.equals(woven.node.superName) || woven.isInterface || hasToString()) {
      return;
    }
    MethodNode m =
        new MethodNode(ACC_PUBLIC | ACC_SYNTHETIC, "toString", "()Ljava/lang/String;", null, null);
    m.instructions.add(new VarInsnNode(ALOAD, 0));
    m.instructions.add(Code.hook("identity", "(Ljava/lang/Object;)I"));
    m.instructions.add(new InsnNode(POP));
    m.instructions.add(new VarInsnNode(ALOAD, 0));
    m.instructions.add(
        new MethodInsnNode(INVOKESPECIAL, Code.OBJECT, "toString", "()Ljava/lang/String;"));
    m.instructions.add(new InsnNode(ARETURN));
    woven.node.methods.add(m);
  }

  private boolean hasToString() {
    for (MethodNode m : woven.node.methods) {
      if (m.name.equals("toString") && m.desc.equals("()Ljava/lang/String;")) {
        return true;
      }
    }
    return false;
  }

  /** Has records whose fields the JDK is about to read checked for fields that stayed at home. */
  private static void weaveRecord(MethodNode m, InvokeDynamicInsnNode d) {
    if (d.bsm.getOwner().equals("java/lang/runtime/ObjectMethods")) {
      boolean equals = d.name.equals("equals");
      m.instructions.insertBefore(d, new InsnNode(equals ? DUP2 : DUP));
      for (int records = equals ? 2 : 1; records > 0; records--) {
        m.instructions.insertBefore(d, Code.hook("readsAll", "(Ljava/lang/Object;)V"));
      }
    }
  }

  private void weave(MethodNode m) {
    // The compiler's array of an enum's constants is made while they are.
    boolean initialiser = m.name.equals("<clinit>") || m.name.equals("$values");
    for (AbstractInsnNode i = m.instructions.getFirst(); i != null; ) {
      AbstractInsnNode next = i.getNext();
      if (i.getOpcode() == MONITORENTER) {
        m.instructions.insertBefore(i, new InsnNode(DUP));
        m.instructions.insertBefore(i, Code.hook("monitor", "(Ljava/lang/Object;)V"));
      } else if (i instanceof FieldInsnNode f) {
        fields.weave(m, f, initialiser);
      } else if (i instanceof MethodInsnNode c) {
        calls.weave(m, c);
      } else if (i instanceof InvokeDynamicInsnNode d) {
        references.weave(d);
        weaveRecord(m, d);
      }
      if (i instanceof MethodInsnNode c) {
        calls.weaveStart(m, c, next);
      }
      i = next;
    }
    if ((m.access & ACC_SYNCHRONIZED) != 0) {
      InsnList code = new InsnList();
      if ((m.access & ACC_STATIC) == 0) {
        code.add(new VarInsnNode(ALOAD, 0));
        code.add(Code.hook("monitor", "(Ljava/lang/Object;)V"));
        m.instructions.insert(code);
      } else if (woven.application) {
        code.add(new LdcInsnNode(Type.getObjectType(woven.node.name)));
        code.add(Code.hook("classMonitor", "(Ljava/lang/Class;)V"));
        m.instructions.insert(code);
      }
    }
  }
}
