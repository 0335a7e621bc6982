package dev.martlet.internal.worker.weave;

import static dev.martlet.internal.shaded.bytebuddy.jar.asm.Opcodes.*;

import dev.martlet.internal.agent.Trusted;
import dev.martlet.internal.shaded.bytebuddy.jar.asm.ClassReader;
import dev.martlet.internal.shaded.bytebuddy.jar.asm.MethodVisitor;
import dev.martlet.internal.shaded.bytebuddy.jar.asm.Type;
import dev.martlet.internal.shaded.bytebuddy.jar.asm.tree.AbstractInsnNode;
import dev.martlet.internal.shaded.bytebuddy.jar.asm.tree.ClassNode;
import dev.martlet.internal.shaded.bytebuddy.jar.asm.tree.FieldInsnNode;
import dev.martlet.internal.shaded.bytebuddy.jar.asm.tree.MethodInsnNode;
import dev.martlet.internal.shaded.bytebuddy.jar.asm.tree.MethodNode;
import dev.martlet.internal.worker.loader.Realm;
import java.lang.StackWalker.StackFrame;
import java.lang.invoke.VarHandle;
import java.util.HashMap;
import java.util.Iterator;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What a {@code NullPointerException} says when a method is called on null. The JVM tells from the
 * code that has failed where the null came from; for a call that has been woven this is a bridge,
 * which knows a parameter only, so the text is made from the caller's code instead.
 */
public final class NullReceivers {
  private static final StackWalker WALKER =
      StackWalker.getInstance(StackWalker.Option.RETAIN_CLASS_REFERENCE);
  private static final ClassValue<Map<String, Optional<String>>> KNOWN =
      new ClassValue<>() {
        @Override
        protected Map<String, Optional<String>> computeValue(Class<?> type) {
          return new ConcurrentHashMap<>();
        }
      };

  private NullReceivers() {}

  /** Gives an exception, just thrown by the bridge that calls this, its text. */
  public static void explain(NullPointerException e) {
    try {
      StackFrame caller = WALKER.walk(NullReceivers::caller);
      if (caller != null) {
        String place = caller.getMethodName() + caller.getDescriptor() + caller.getByteCodeIndex();
        Optional<String> text = KNOWN.get(caller.getDeclaringClass()).get(place);
        if (text == null) {
          text = Optional.ofNullable(text(caller));
          KNOWN.get(caller.getDeclaringClass()).put(place, text);
        }
        if (text.isPresent()) {
          VarHandle message =
              Trusted.lookup()
                  .findVarHandle(NullPointerException.class, "extendedMessage", String.class);
          String unused = e.getMessage(); // which is not asked for again
          message.set(e, text.get());
        }
      }
    } catch (ReflectiveOperationException | RuntimeException ignored) {
      // The JVM's own text has to do.
    }
  }

  /** Returns the frame that has called a bridge. */
  private static @Nullable StackFrame caller(Stream<StackFrame> frames) {
    Iterator<StackFrame> all = frames.iterator();
    while (all.hasNext()) {
      StackFrame bridge = all.next();
      if (bridge.getMethodName().startsWith(WovenMembers.PREFIX)) {
        StackFrame caller = all.hasNext() ? all.next() : bridge;
        return caller.getDeclaringClass() == bridge.getDeclaringClass() ? caller : null;
      }
    }
    return null;
  }

  private static @Nullable String text(StackFrame caller) {
    byte[] woven = Realm.woven(caller.getDeclaringClass());
    if (woven == null) {
      return null;
    }
    Found found = new Found(caller);
    new ClassReader(woven) {
      @Override
      protected void readBytecodeInstructionOffset(int offset) {
        found.offset = offset;
      }
    }.accept(found, ClassReader.EXPAND_FRAMES);
    MethodNode method = found.method;
    if (method == null || !(found.call instanceof MethodInsnNode call)) {
      return null;
    }
    Map<String, AbstractInsnNode> bridged = bridged(found);
    if (!(bridged.get(call.name + call.desc) instanceof MethodInsnNode real)) {
      return null;
    }
    String cause = new Sources(method, bridged).receiver(call);
    return "Cannot invoke \"" + Sources.signature(real) + "\"" + cause;
  }

  /** Returns what the bridges of a class do, by name and descriptor. */
  private static Map<String, AbstractInsnNode> bridged(ClassNode node) {
    Map<String, AbstractInsnNode> bridged = new HashMap<>();
    String hooks = Type.getInternalName(Hooks.class);
    for (MethodNode m : node.methods) {
      if (m.name.startsWith(WovenMembers.PREFIX)) {
        for (AbstractInsnNode i : m.instructions) {
          if (i.getOpcode() >= IRETURN && i.getOpcode() <= RETURN) {
            AbstractInsnNode last = i.getPrevious();
            while (last != null && last.getOpcode() < 0) {
              last = last.getPrevious();
            }
            boolean real =
                (last instanceof MethodInsnNode c && !c.owner.equals(hooks))
                    || last instanceof FieldInsnNode;
            if (real) {
              bridged.put(m.name + m.desc, last);
            }
          }
        }
      }
    }
    return bridged;
  }

  /** A class in which the call of a frame is found while it is read. */
  private static final class Found extends ClassNode {
    private final StackFrame frame;
    int offset;
    @Nullable MethodNode method;
    @Nullable AbstractInsnNode call;

    Found(StackFrame frame) {
      super(ASM9);
      this.frame = frame;
    }

    @Override
    public MethodVisitor visitMethod(
        int access,
        String name,
        String descriptor,
        @Nullable String signature,
        String @Nullable [] exceptions) {
      if (!name.equals(frame.getMethodName()) || !descriptor.equals(frame.getDescriptor())) {
        return super.visitMethod(access, name, descriptor, signature, exceptions);
      }
      MethodNode m =
          new MethodNode(ASM9, access, name, descriptor, signature, exceptions) {
            @Override
            public void visitMethodInsn(
                int opcode, String owner, String called, String type, boolean isInterface) {
              super.visitMethodInsn(opcode, owner, called, type, isInterface);
              if (offset == frame.getByteCodeIndex()) {
                call = instructions.getLast();
              }
            }
          };
      method = m;
      methods.add(m);
      return m;
    }
  }
}
