package dev.martlet.internal.capture;

import dev.martlet.internal.effects.JdkTable;
import java.lang.reflect.Modifier;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Notes what calls into the JDK do other than to thread-safe objects. */
final class World {
  private final Hierarchy hierarchy;
  private final Set<String> shippedTypes;
  private final FindingsBuilder findings;

  World(Hierarchy hierarchy, Set<String> shippedTypes, FindingsBuilder findings) {
    this.hierarchy = hierarchy;
    this.shippedTypes = shippedTypes;
    this.findings = findings;
  }

  void call(String owner, String name, String descriptor, @Nullable CallPath path) {
    if (!Quiet.is(owner, name)) {
      findings.flag("loud", path, name);
    }
    String what = JdkCall.simpleName(owner) + '.' + name;
    boolean reflective = JdkTable.reflective(owner, name, descriptor);
    if (JdkTable.external(owner, name, descriptor)) {
      findings.flag("external", path, what);
    }
    if (reflective) {
      findings.flag("reflective", path, what);
    }
    findings.settings.addAll(JdkTable.settings(owner, name, descriptor));
    if (JdkTable.startsThread(owner, name, descriptor)) {
      findings.flag("startsThreads", path, what);
    }
    if (JdkTable.opaque(owner, name, descriptor)) {
      findings.flag("opaque", path, what);
    }
    if (name.equals("clone") && descriptor.equals("()Ljava/lang/Object;") && path != null) {
      readAll(owner.equals("java/lang/Object") ? path.owner().name : owner, path);
    }
    if (owner.endsWith("ThreadLocal") && !name.equals("<init>") && !name.equals("withInitial")) {
      findings.flag("usesThreadLocal", path, what);
    }
  }

  /** Counts all fields of the shipped objects of a type as read: the JDK copies them. */
  private void readAll(String type, CallPath path) {
    for (String shipped : List.copyOf(shippedTypes)) {
      if (!hierarchy.superTypes(shipped).contains(type)) {
        continue;
      }
      for (String s : hierarchy.superTypes(shipped)) {
        ClassFacts facts = hierarchy.find(s);
        if (facts != null) {
          facts.fields.forEach(
              (field, access) -> {
                int colon = field.indexOf(':');
                FieldRef ref =
                    new FieldRef(s, field.substring(0, colon), field.substring(colon + 1));
                if ((access & Modifier.STATIC) == 0 && findings.fieldsRead.add(ref)) {
                  findings.path(ref, path + ": clone");
                }
              });
        }
      }
    }
  }
}
