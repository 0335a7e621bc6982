package dev.martlet.internal.capture;

import dev.martlet.internal.effects.JdkTable;
import dev.martlet.internal.shaded.bytebuddy.jar.asm.Handle;
import dev.martlet.internal.shaded.bytebuddy.jar.asm.Opcodes;
import java.lang.reflect.Modifier;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Walks through all code that a task can reach, method by method, and notes what each does; what
 * can only be judged when all code is known, it keeps for {@link Sharing}.
 *
 * <p>Calls and the classes that are made come in any order: a virtual call is noted with the type
 * it names and goes to the classes made so far; a class that is made later gets the calls noted so
 * far.
 */
final class CodeWalk {
  private static final String OBJECT = "java/lang/Object";
  private static final Set<String> EQUALITY = Set.of("equals(Ljava/lang/Object;)Z", "hashCode()I");
  private static final String TO_STRING = "toString()Ljava/lang/String;";

  /** A call into the JDK that is judged when all code is known. */
  record JdkUse(MethodFacts.Call call, String owner, @Nullable CallPath path) {}

  /** A monitor that is judged when all code is known; without sources it is that of a receiver. */
  record LockUse(
      LockRef lock, MethodFacts.@Nullable Lock instruction, CallPath path, String what) {}

  /** A method that a call may run on objects of a class. */
  record Target(String type, Hierarchy.Resolved method) {}

  final Hierarchy hierarchy;
  final Predicate<String> isApplication;
  final FindingsBuilder findings = new FindingsBuilder();

  /** The methods reached, by {@link CallPath#key}. */
  final Map<String, CallPath> visited = new HashMap<>();

  /** Those of them that unseen code may call. */
  final Set<String> calledFromJdk = new HashSet<>();

  /** What the classes made have for a virtual method. */
  final Map<String, List<Target>> targets = new HashMap<>();

  final Set<String> shippedTypes = new HashSet<>();
  final List<JdkUse> jdkUses = new ArrayList<>();
  final List<LockUse> lockUses = new ArrayList<>();

  private final World world;
  private final Deque<CallPath> pending = new ArrayDeque<>();
  private final Set<String> made = new LinkedHashSet<>();
  private final Map<String, Set<String>> receiversOf = new HashMap<>();
  private final Map<String, CallPath> virtualCalls = new HashMap<>();
  private final Set<String> touched = new HashSet<>();
  private final Set<String> calledBack = new HashSet<>();

  CodeWalk(Hierarchy hierarchy, Predicate<String> isApplication) {
    this.hierarchy = hierarchy;
    this.isApplication = isApplication;
    this.world = new World(hierarchy, shippedTypes, findings);
  }

  /** Goes through all that the entries reach on objects of the types. */
  void run(List<Reach.Entry> entries, Set<String> graphTypes) {
    graphTypes.forEach(type -> shippedTypes.addAll(hierarchy.superTypes(type)));
    entries.forEach(entry -> enter(entry, graphTypes));
    for (String type : graphTypes) {
      if (hierarchy.find(type) != null) {
        make(type, null);
      }
    }
    drain();
  }

  /** Returns the classes that are made, or come with the task. */
  Set<String> made() {
    return made;
  }

  private void drain() {
    while (!pending.isEmpty()) {
      if (visited.size() > Reach.LIMIT) {
        findings.flag("opaque", pending.peek(), "more code than is looked at");
        return;
      }
      scan(pending.poll());
    }
  }

  /* ---------------- Methods ---------------- */

  private void enter(Reach.Entry entry, Set<String> graphTypes) {
    String owner = entry.owner();
    String method = entry.name() + entry.descriptor();
    need(owner);
    Hierarchy.Resolved resolved = hierarchy.resolve(owner, method);
    if (resolved == null) {
      if (JdkTable.isJdk(owner) || hierarchy.find(owner) != null) {
        enterJdk(entry);
      } else {
        findings.flag("opaque", null, JdkCall.simpleName(owner) + " has no class file");
      }
      return;
    }
    if (!resolved.isVirtual()) {
      enter(resolved, null);
      return;
    }
    String receiver = entry.receiver();
    boolean known = receiver != null && hierarchy.superTypes(receiver).contains(owner);
    for (String type : known ? Set.of(receiver) : graphTypes) {
      if (hierarchy.superTypes(type).contains(owner)) {
        enter(hierarchy.resolve(type, method), null);
      }
    }
    if (!known) {
      enter(resolved, null);
    }
  }

  /** Reaches a method that unseen code may call, with whatever arguments. */
  private void enter(Hierarchy.@Nullable Resolved target, @Nullable CallPath path) {
    if (target != null) {
      reach(target, path);
      calledFromJdk.add(key(target));
    }
  }

  static String key(Hierarchy.Resolved target) {
    return new CallPath(target.owner(), target.method(), null).key();
  }

  /** A task that is a reference to a method of the JDK. */
  private void enterJdk(Reach.Entry entry) {
    String key = entry.name() + entry.descriptor();
    String owner =
        JdkTable.isJdk(entry.owner()) ? entry.owner() : hierarchy.jdkOwner(entry.owner(), key);
    MethodFacts.Call call =
        new MethodFacts.Call(
            Opcodes.INVOKEVIRTUAL,
            owner,
            entry.name(),
            entry.descriptor(),
            entry.dropped(),
            false,
            true,
            List.of(new MethodFacts.Operand(owner, MethodFacts.Source.ANYWHERE)),
            List.of());
    if (!JdkTable.isJdk(owner)) {
      return;
    }
    virtualCall(owner, key, null);
    if (owner.equals(OBJECT)) {
      expose(owner, entry.name(), entry.descriptor(), null);
    } else {
      jdkCalls(call, owner, null);
    }
  }

  private void reach(Hierarchy.Resolved target, @Nullable CallPath caller) {
    ClassFacts owner = target.owner();
    String key = key(target);
    if ((target.method().access() & Modifier.ABSTRACT) == 0 && !visited.containsKey(key)) {
      CallPath path = new CallPath(owner, owner.scan(target.method()), caller);
      visited.put(key, path);
      pending.add(path);
    }
  }

  private void scan(CallPath path) {
    MethodFacts m = path.method();
    need(path.owner().name);
    m.mentioned().forEach(this::need);
    if ((m.access() & Modifier.NATIVE) != 0) {
      findings.flag("opaque", path, "native");
    }
    if (m.opaque() != null) {
      findings.flag("opaque", path, m.opaque());
    }
    if (m.comparesReferences()) {
      findings.comparesReferences = true;
    }
    if ((m.access() & Modifier.SYNCHRONIZED) != 0) {
      boolean isStatic = (m.access() & Modifier.STATIC) != 0;
      LockRef lock = new LockRef(path.owner().name, isStatic, null, false, false);
      lockUses.add(new LockUse(lock, null, path, "synchronized"));
    }
    for (MethodFacts.Lock lock : m.locks()) {
      LockRef located = locate(lock.lock());
      lockUses.add(new LockUse(located, lock, path, located.toString()));
    }
    m.accesses().forEach(access -> access(access, path));
    m.allocated().forEach(type -> make(type, path));
    m.lambdas().forEach(lambda -> lambda(lambda, path));
    if (!m.printed().stream().allMatch(CodeWalk::printsItself)) {
      callBack(Set.of(TO_STRING), path);
    }
    m.calls().forEach(call -> call(call, path));
  }

  private static boolean printsItself(String type) {
    return type.equals("java/lang/String")
        || (JdkTable.isJdk(type)
            && type.startsWith("java/lang/")
            && !type.equals(OBJECT)
            && !JdkTable.maySynchronise(type));
  }

  private void need(String type) {
    if (!findings.classes.contains(type) && !type.startsWith("[") && !JdkTable.isJdk(type)) {
      findings.classes.add(type);
      ClassFacts facts = hierarchy.find(type);
      if (facts != null) {
        facts.superTypes().forEach(this::need);
      }
    }
  }

  /* ---------------- Objects and fields ---------------- */

  /** Names the field that holds a lock by the class that declares it. */
  private LockRef locate(LockRef lock) {
    FieldRef field = lock.field();
    Map.Entry<String, Integer> declared = field == null ? null : hierarchy.field(field);
    if (field == null || declared == null) {
      return lock;
    }
    return new LockRef(
        lock.type(),
        lock.ofClass(),
        new FieldRef(declared.getKey(), field.name(), field.descriptor()),
        lock.fieldStatic(),
        lock.given());
  }

  private void access(MethodFacts.Access access, CallPath path) {
    FieldRef named = access.field();
    Map.Entry<String, Integer> declared = hierarchy.field(named);
    if (declared == null) {
      return;
    }
    FieldRef field = new FieldRef(declared.getKey(), named.name(), named.descriptor());
    boolean isStatic = (declared.getValue() & Modifier.STATIC) != 0;
    boolean isWrite = access.opcode() == Opcodes.PUTFIELD || access.opcode() == Opcodes.PUTSTATIC;
    Set<FieldRef> known =
        isStatic
            ? (isWrite ? findings.staticsWritten : findings.staticsRead)
            : (isWrite ? findings.fieldsWritten : findings.fieldsRead);
    known.add(field);
    findings.path(field, path + ": " + field);
    if (isStatic) {
      touch(field.owner(), path);
    }
    boolean shared = isStatic ? isApplication.test(field.owner()) : !access.fresh();
    if ((declared.getValue() & Modifier.VOLATILE) != 0 && shared) {
      (isWrite ? findings.volatileWrites : findings.volatileReads).add(field);
      findings.betterPath(
          field, path + ": " + (isWrite ? "writes" : "reads") + " volatile " + field);
    }
  }

  /** Counts what a class's static initialiser makes as made. */
  private void touch(String type, CallPath path) {
    if (!touched.add(type)) {
      return;
    }
    ClassFacts facts = hierarchy.find(type);
    MethodFacts outline = facts == null ? null : facts.methods.get("<clinit>()V");
    if (facts != null && outline != null) {
      MethodFacts initialiser = facts.scan(outline);
      initialiser.allocated().forEach(t -> make(t, path));
      initialiser.lambdas().forEach(lambda -> lambda(lambda, path));
    }
  }

  private void make(String type, @Nullable CallPath path) {
    if (type.startsWith("[") || hierarchy.find(type) == null) {
      return;
    }
    if (path != null) {
      touch(type, path);
    }
    need(type);
    if (!made.add(type)) {
      return;
    }
    Set<String> supers = hierarchy.superTypes(type);
    Set<String> jdk = hierarchy.jdkMethods(type);
    hierarchy
        .virtualMethods(type)
        .forEach(
            (key, method) -> {
              targets.computeIfAbsent(key, k -> new ArrayList<>()).add(new Target(type, method));
              boolean called =
                  receiversOf.getOrDefault(key, Set.of()).stream().anyMatch(supers::contains);
              if (called) {
                reach(method, virtualCalls.get(key));
              }
              if (calledBack.contains(key)) {
                enter(method, virtualCalls.get(key));
              } else if (jdk.contains(key) && !isObjectMethod(key)) {
                enter(method, path);
              }
            });
  }

  static boolean isObjectMethod(String key) {
    return EQUALITY.contains(key) || key.equals(TO_STRING);
  }

  private void callBack(Set<String> methods, @Nullable CallPath path) {
    for (String key : methods) {
      if (calledBack.add(key)) {
        if (path != null) {
          virtualCalls.putIfAbsent(key, path);
        }
        targets.getOrDefault(key, List.of()).forEach(t -> enter(t.method(), path));
      }
    }
  }

  /* ---------------- Calls ---------------- */

  private void lambda(MethodFacts.Lambda lambda, CallPath path) {
    Handle target = lambda.target();
    make(lambda.type(), path);
    int opcode =
        switch (target.getTag()) {
          case Opcodes.H_INVOKESTATIC -> Opcodes.INVOKESTATIC;
          case Opcodes.H_INVOKEINTERFACE -> Opcodes.INVOKEINTERFACE;
          case Opcodes.H_INVOKEVIRTUAL -> Opcodes.INVOKEVIRTUAL;
          default -> Opcodes.INVOKESPECIAL;
        };
    if (target.getTag() == Opcodes.H_NEWINVOKESPECIAL) {
      make(target.getOwner(), path);
    }
    call(
        new MethodFacts.Call(
            opcode,
            target.getOwner(),
            target.getName(),
            target.getDesc(),
            lambda.returnsVoid() || target.getDesc().endsWith("V"),
            lambda.fresh(),
            lambda.escapes(),
            lambda.captured().isEmpty()
                ? List.of(new MethodFacts.Operand(target.getOwner(), MethodFacts.Source.ANYWHERE))
                : lambda.captured(),
            List.of()),
        path);
  }

  private void call(MethodFacts.Call call, CallPath path) {
    String owner = call.owner();
    if (owner.startsWith("[")) {
      return;
    }
    String key = call.name() + call.descriptor();
    if (call.opcode() == Opcodes.INVOKESTATIC) {
      touch(owner, path);
    }
    Hierarchy.Resolved resolved = JdkTable.isJdk(owner) ? null : hierarchy.resolve(owner, key);
    if (resolved != null) {
      reach(resolved, path);
    } else if (!JdkTable.isJdk(owner) && hierarchy.find(owner) == null) {
      findings.flag("opaque", path, JdkCall.simpleName(owner) + " has no class file");
      return;
    }
    boolean isVirtual =
        call.opcode() == Opcodes.INVOKEVIRTUAL || call.opcode() == Opcodes.INVOKEINTERFACE;
    if (isVirtual && (resolved == null || resolved.isVirtual())) {
      virtualCall(owner, key, path);
    }
    boolean inherited = resolved != null && (resolved.method().access() & Modifier.ABSTRACT) != 0;
    if (resolved == null || inherited) {
      jdkCalls(call, resolved == null ? hierarchy.jdkOwner(owner, key) : owner, path);
    }
  }

  private void virtualCall(String owner, String key, @Nullable CallPath path) {
    if (path != null) {
      virtualCalls.putIfAbsent(key, path);
    }
    if (receiversOf.computeIfAbsent(key, k -> new HashSet<>()).add(owner)) {
      for (Target target : List.copyOf(targets.getOrDefault(key, List.of()))) {
        if (hierarchy.superTypes(target.type()).contains(owner)) {
          reach(target.method(), path);
        }
      }
    }
  }

  /** Looks up what a call of a method of the JDK does. */
  private void jdkCalls(MethodFacts.Call call, String owner, @Nullable CallPath path) {
    if (!JdkTable.isJdk(owner)) {
      return;
    }
    String name = call.name();
    String descriptor = call.descriptor();
    world.call(owner, name, descriptor, path);
    expose(owner, name, descriptor, path);
    jdkUses.add(new JdkUse(call, owner, path));
  }

  /** Lets a call into the JDK call back what it may use of the objects that it is given. */
  private void expose(String owner, String name, String descriptor, @Nullable CallPath path) {
    if (name.equals("toString") || JdkTable.prints(owner, name, descriptor)) {
      callBack(Set.of(TO_STRING), path);
    }
    boolean compares =
        descriptor.contains("Ljava/lang/Object;")
            || descriptor.contains("Ljava/util/Collection;")
            || descriptor.contains("Ljava/util/Map;")
            || owner.startsWith("java/util/stream/");
    if ((compares && !name.equals("<init>") && owner.startsWith("java/util/"))
        || (EQUALITY.contains(name + descriptor) && !printsItself(owner))) {
      callBack(EQUALITY, path);
    }
  }
}
