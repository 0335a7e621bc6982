package dev.martlet.modular;

import dev.martlet.internal.agent.Trusted;

/** Gets trusted access from a module that requires nothing. */
public final class Program {
  private Program() {}

  public static void main(String[] args) {
    boolean before = ModuleLayer.boot().findModule("java.instrument").isPresent();
    System.out.println(
        Trusted.lookup() + " in " + Trusted.class.getModule() + ", instrument before: " + before);
  }
}
