package dev.martlet.internal.worker.weave;

import static org.assertj.core.api.Assertions.assertThat;

import dev.martlet.internal.shaded.bytebuddy.jar.asm.ClassReader;
import dev.martlet.internal.shaded.bytebuddy.jar.asm.tree.AbstractInsnNode;
import dev.martlet.internal.shaded.bytebuddy.jar.asm.tree.ClassNode;
import dev.martlet.internal.shaded.bytebuddy.jar.asm.tree.InvokeDynamicInsnNode;
import dev.martlet.internal.shaded.bytebuddy.jar.asm.tree.MethodNode;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** What woven code calls. */
class HooksTest {
  @Test
  @DisplayName("it makes no lambdas, of which its copies would get those of the original")
  void noLambdas() throws IOException {
    ClassNode hooks = new ClassNode();
    try (InputStream in = Hooks.class.getResourceAsStream("Hooks.class")) {
      new ClassReader(in.readAllBytes()).accept(hooks, 0);
    }
    List<String> makers = new ArrayList<>();
    for (MethodNode m : hooks.methods) {
      for (AbstractInsnNode i : m.instructions) {
        if (i instanceof InvokeDynamicInsnNode d
            && d.bsm.getOwner().equals("java/lang/invoke/LambdaMetafactory")) {
          makers.add(m.name);
        }
      }
    }
    assertThat(hooks.methods).isNotEmpty();
    assertThat(makers).isEmpty();
  }
}
