package dev.martlet.internal.capture;

import dev.martlet.internal.effects.JdkTable;
import dev.martlet.internal.effects.Operation;
import dev.martlet.internal.shaded.bytebuddy.jar.asm.Handle;
import dev.martlet.internal.shaded.bytebuddy.jar.asm.Opcodes;
import java.lang.reflect.Modifier;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.WeakHashMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Which code a task can reach, and what that code does: rapid type analysis over byte code.
 *
 * <p>A virtual call goes to every class that the task's graph holds or reachable code makes. The
 * JDK's own code is not read: {@link JdkTable} says what it does, and it may call whatever a class
 * implements of the JDK's types; {@code equals}, {@code hashCode} and {@code toString} only if
 * something that uses them is called. What is certainly the task's own, {@link Flow} tells. Bodies
 * of lambdas are reachable where the lambda is made. Static initialisers are not part of a task,
 * but what they make counts as made.
 *
 * <p>It is a hint: what it misses, reflection for one, is caught where the task runs. Nothing about
 * strange code makes it fail.
 */
public final class Reach {
  /** More methods than this are not looked at. */
  static final int LIMIT = 20_000;

  /** As many results are kept for one {@link ClassFiles}. */
  private static final int KEPT = 4_096;

  /** With more methods than this, everything may be shipped. */
  static final int FLOW_LIMIT = 5_000;

  private static final String OBJECT = "java/lang/Object";
  private static final Set<String> EQUALITY = Set.of("equals(Ljava/lang/Object;)Z", "hashCode()I");
  private static final String TO_STRING = "toString()Ljava/lang/String;";

  /** What is known of the classes of one {@link ClassFiles}. */
  private static final class Known {
    final Hierarchy hierarchy;
    final Map<Predicate<String>, Map<Key, Findings>> findings =
        Collections.synchronizedMap(new WeakHashMap<>());

    Known(ClassFiles files) {
      hierarchy = new Hierarchy(files);
    }
  }

  /** An analysis by names, so that no class is held. */
  private record Key(List<Entry> entries, Set<String> graphTypes, @Nullable Leads leads) {
    // As the compiler's, which each costs a new JVM milliseconds to link.
    @Override
    public int hashCode() {
      return 31 * (31 * entries.hashCode() + graphTypes.hashCode()) + Objects.hashCode(leads);
    }

    @Override
    public boolean equals(@Nullable Object o) {
      return o instanceof Key k
          && entries.equals(k.entries)
          && graphTypes.equals(k.graphTypes)
          && Objects.equals(leads, k.leads);
    }
  }

  private record Entry(
      String owner, String name, String descriptor, boolean dropped, @Nullable String receiver) {
    @Override
    public int hashCode() {
      return 31 * (31 * owner.hashCode() + name.hashCode()) + descriptor.hashCode();
    }

    @Override
    public boolean equals(@Nullable Object o) {
      return o instanceof Entry e
          && owner.equals(e.owner)
          && name.equals(e.name)
          && descriptor.equals(e.descriptor)
          && dropped == e.dropped
          && Objects.equals(receiver, e.receiver);
    }
  }

  private static final Map<ClassFiles, Known> KNOWN = new WeakHashMap<>();

  private final Hierarchy hierarchy;
  private final Predicate<String> isApplication;
  private final @Nullable Leads leads;

  private final Map<String, Path> visited = new HashMap<>();
  private final Deque<Path> pending = new ArrayDeque<>();
  private final Set<String> made = new LinkedHashSet<>();
  private final Map<String, Set<String>> receiversOf = new HashMap<>();
  private final Map<String, Path> virtualCalls = new HashMap<>();
  private final Map<String, List<Target>> targets = new HashMap<>();
  private final Set<String> touched = new HashSet<>();
  private final Set<String> calledBack = new HashSet<>();
  private final Set<String> calledFromJdk = new HashSet<>();
  private final List<JdkUse> jdkUses = new ArrayList<>();
  private final List<LockUse> lockUses = new ArrayList<>();
  private final Set<String> shippedTypes = new HashSet<>();

  private final Set<FieldRef> fieldsRead = new LinkedHashSet<>();
  private final Set<FieldRef> fieldsWritten = new LinkedHashSet<>();
  private final Set<FieldRef> staticsRead = new LinkedHashSet<>();
  private final Set<FieldRef> staticsWritten = new LinkedHashSet<>();
  private final Set<String> classes = new LinkedHashSet<>();
  private final Set<LockRef> locks = new LinkedHashSet<>();
  private final Set<FieldRef> volatileReads = new LinkedHashSet<>();
  private final Set<FieldRef> volatileWrites = new LinkedHashSet<>();
  private final Set<JdkCall> calls = new LinkedHashSet<>();
  private final Set<String> flags = new HashSet<>();
  private final Map<Object, String> paths = new HashMap<>();

  /** A reachable method and the one that was seen to call it. */
  private record Path(ClassFacts owner, MethodFacts method, @Nullable Path caller) {
    String key() {
      return owner.name + '.' + method.name() + method.descriptor();
    }

    @Override
    public String toString() {
      Deque<String> steps = new ArrayDeque<>();
      for (Path p = this; p != null; p = p.caller) {
        String step = p.method.name();
        boolean named = p.caller != null || !step.startsWith("lambda$");
        steps.addFirst(named ? JdkCall.simpleName(p.owner.name) + '.' + step : step);
      }
      List<String> shown = new ArrayList<>(steps);
      if (shown.size() > 6) {
        shown = new ArrayList<>(shown.subList(shown.size() - 4, shown.size()));
        shown.add(0, "…");
        shown.add(0, steps.getFirst());
      }
      return String.join(" → ", shown);
    }
  }

  /** A call into the JDK that is judged when all code is known. */
  private record JdkUse(MethodFacts.Call call, String owner, @Nullable Path path) {}

  /** A monitor that is judged when all code is known; without sources it is that of a receiver. */
  private record LockUse(
      LockRef lock, MethodFacts.@Nullable Lock instruction, Path path, String what) {}

  /** A method that a call may run on objects of a class. */
  private record Target(String type, Hierarchy.Resolved method) {}

  private Reach(Hierarchy hierarchy, Predicate<String> isApplication, @Nullable Leads leads) {
    this.hierarchy = hierarchy;
    this.leads = leads;
    this.isApplication = isApplication;
  }

  /**
   * Analyses the code that the entries reach. The result is kept for as long as {@code files} and
   * {@code isApplication} are reachable: asking again costs a look-up.
   *
   * @param entries where the code begins; for each lambda in the graph its implementation, too
   * @param graphTypes the run-time classes of the captured objects
   * @param isApplication whether the statics of a class, by its internal name, come from home
   */
  public static Findings analyse(
      Collection<EntryPoint> entries,
      Collection<Class<?>> graphTypes,
      ClassFiles files,
      Predicate<String> isApplication) {
    return analyse(entries, graphTypes, files, isApplication, null);
  }

  /**
   * Analyses the code likewise.
   *
   * @param leads where thread-safe objects of the JDK are, or null if they may be anywhere
   */
  static Findings analyse(
      Collection<EntryPoint> entries,
      Collection<Class<?>> graphTypes,
      ClassFiles files,
      Predicate<String> isApplication,
      @Nullable Leads leads) {
    Known known;
    synchronized (KNOWN) {
      known = KNOWN.computeIfAbsent(files, Known::new);
    }
    Map<Key, Findings> findings =
        known.findings.computeIfAbsent(isApplication, p -> new ConcurrentHashMap<>());
    Key key = key(entries, graphTypes, leads);
    Findings result = findings.get(key);
    if (result == null) {
      result = new Reach(known.hierarchy, isApplication, leads).run(key);
      if (findings.size() >= KEPT) {
        findings.clear();
      }
      findings.put(key, result);
    }
    return result;
  }

  private static Key key(
      Collection<EntryPoint> entries, Collection<Class<?>> graphTypes, @Nullable Leads leads) {
    Set<String> types = new TreeSet<>();
    for (Class<?> type : graphTypes) {
      if (!type.isHidden() && !type.isArray() && !type.isPrimitive()) {
        types.add(Hierarchy.internalName(type));
      }
    }
    List<Entry> names = new ArrayList<>();
    for (EntryPoint e : entries) {
      Class<?> type = e.receiver();
      String receiver = type == null || type.isHidden() ? null : Hierarchy.internalName(type);
      if (receiver != null && !receiver.startsWith("[")) {
        types.add(receiver);
      }
      names.add(new Entry(e.owner(), e.name(), e.descriptor(), e.resultDropped(), receiver));
    }
    return new Key(names, types, leads);
  }

  private Findings run(Key key) {
    key.graphTypes.forEach(type -> shippedTypes.addAll(hierarchy.superTypes(type)));
    key.entries.forEach(entry -> enter(entry, key.graphTypes));
    for (String type : key.graphTypes) {
      if (hierarchy.find(type) != null) {
        make(type, null);
      }
    }
    drain();
    judge();
    return new Findings(
        Collections.unmodifiableSet(fieldsRead),
        Collections.unmodifiableSet(fieldsWritten),
        Collections.unmodifiableSet(staticsRead),
        Collections.unmodifiableSet(staticsWritten),
        Collections.unmodifiableSet(classes),
        Collections.unmodifiableSet(made),
        Collections.unmodifiableSet(locks),
        Collections.unmodifiableSet(volatileReads),
        Collections.unmodifiableSet(volatileWrites),
        Collections.unmodifiableSet(calls),
        flags.contains("external"),
        flags.contains("reflective"),
        flags.contains("startsThreads"),
        flags.contains("usesThreadLocal"),
        flags.contains("opaque"),
        flags.contains("loud"),
        flags.contains("comparesReferences") || flags.contains("opaque"),
        Map.copyOf(paths));
  }

  private void drain() {
    while (!pending.isEmpty()) {
      if (visited.size() > LIMIT) {
        flag("opaque", pending.peek(), "more code than is looked at");
        return;
      }
      scan(pending.poll());
    }
  }

  /* ---------------- Methods ---------------- */

  private void enter(Entry entry, Set<String> graphTypes) {
    String owner = entry.owner;
    String method = entry.name + entry.descriptor;
    need(owner);
    Hierarchy.Resolved resolved = hierarchy.resolve(owner, method);
    if (resolved == null) {
      if (JdkTable.isJdk(owner) || hierarchy.find(owner) != null) {
        enterJdk(entry);
      } else {
        flags.add("opaque");
        paths.putIfAbsent("opaque", JdkCall.simpleName(owner) + " has no class file");
      }
      return;
    }
    if (!resolved.isVirtual()) {
      enter(resolved, null);
      return;
    }
    String receiver = entry.receiver;
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
  private void enter(Hierarchy.@Nullable Resolved target, @Nullable Path path) {
    if (target != null) {
      reach(target, path);
      calledFromJdk.add(key(target));
    }
  }

  private static String key(Hierarchy.Resolved target) {
    return new Path(target.owner(), target.method(), null).key();
  }

  /** A task that is a reference to a method of the JDK. */
  private void enterJdk(Entry entry) {
    String key = entry.name + entry.descriptor;
    String owner = JdkTable.isJdk(entry.owner) ? entry.owner : hierarchy.jdkOwner(entry.owner, key);
    MethodFacts.Call call =
        new MethodFacts.Call(
            Opcodes.INVOKEVIRTUAL,
            owner,
            entry.name,
            entry.descriptor,
            entry.dropped,
            false,
            true,
            List.of(new MethodFacts.Operand(owner, MethodFacts.Source.ANYWHERE)),
            List.of());
    if (owner.equals("java/lang/Object") || !JdkTable.isJdk(owner)) {
      return;
    }
    virtualCall(owner, key, null);
    jdkCalls(call, owner, null);
  }

  private void reach(Hierarchy.Resolved target, @Nullable Path caller) {
    ClassFacts owner = target.owner();
    String key = key(target);
    if ((target.method().access() & Modifier.ABSTRACT) == 0 && !visited.containsKey(key)) {
      Path path = new Path(owner, owner.scan(target.method()), caller);
      visited.put(key, path);
      pending.add(path);
    }
  }

  private void scan(Path path) {
    MethodFacts m = path.method;
    need(path.owner.name);
    m.mentioned().forEach(this::need);
    if ((m.access() & Modifier.NATIVE) != 0) {
      flag("opaque", path, "native");
    }
    if (m.opaque() != null) {
      flag("opaque", path, m.opaque());
    }
    if (m.comparesReferences()) {
      flags.add("comparesReferences");
    }
    if ((m.access() & Modifier.SYNCHRONIZED) != 0) {
      boolean isStatic = (m.access() & Modifier.STATIC) != 0;
      LockRef lock = new LockRef(path.owner.name, isStatic, null, false, false);
      lockUses.add(new LockUse(lock, null, path, "synchronized"));
    }
    for (MethodFacts.Lock lock : m.locks()) {
      LockRef located = locate(lock.lock());
      lockUses.add(new LockUse(located, lock, path, located.toString()));
    }
    m.accesses().forEach(access -> access(access, path));
    m.allocated().forEach(type -> make(type, path));
    m.lambdas().forEach(lambda -> lambda(lambda, path));
    if (!m.printed().stream().allMatch(Reach::printsItself)) {
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

  private void flag(String flag, @Nullable Path path, String what) {
    flags.add(flag);
    paths.putIfAbsent(flag, at(path, what));
  }

  private static String at(@Nullable Path path, String what) {
    return path == null ? what : path + ": " + what;
  }

  private void need(String type) {
    if (!classes.contains(type) && !type.startsWith("[") && !JdkTable.isJdk(type)) {
      classes.add(type);
      ClassFacts facts = hierarchy.find(type);
      if (facts != null) {
        facts.superTypes().forEach(this::need);
      }
    }
  }

  /* ---------------- Objects and fields ---------------- */

  private void lock(LockRef lock, Path path, String what) {
    FieldRef field = lock.field();
    String owner = lock.fieldStatic() && field != null ? field.owner() : lock.type();
    if ((lock.ofClass() || lock.fieldStatic())
        && !JdkTable.isJdk(owner)
        && !isApplication.test(owner)) {
      return; // A library's statics are a worker's own.
    }
    if (locks.add(lock)) {
      paths.putIfAbsent(lock, path + ": " + what);
    }
  }

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

  /** Says of a lock that is a parameter of the task itself that it is given. */
  private static LockRef given(LockUse use) {
    LockRef lock = use.lock;
    MethodFacts.Lock instruction = use.instruction;
    boolean given =
        instruction != null
            && use.path.caller == null
            && !instruction.sources().isEmpty()
            && instruction.sources().stream()
                .allMatch(s -> s.kind() == MethodFacts.Source.Kind.PARAMETER);
    return given
        ? new LockRef(lock.type(), lock.ofClass(), lock.field(), lock.fieldStatic(), true)
        : lock;
  }

  private void access(MethodFacts.Access access, Path path) {
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
            ? (isWrite ? staticsWritten : staticsRead)
            : (isWrite ? fieldsWritten : fieldsRead);
    known.add(field);
    paths.putIfAbsent(field, path + ": " + field);
    if (isStatic) {
      touch(field.owner(), path);
    }
    boolean shared = isStatic ? isApplication.test(field.owner()) : !access.fresh();
    if ((declared.getValue() & Modifier.VOLATILE) != 0 && shared) {
      (isWrite ? volatileWrites : volatileReads).add(field);
      paths.put(field, path + ": " + (isWrite ? "writes" : "reads") + " volatile " + field);
    }
  }

  /** Counts what a class's static initialiser makes as made. */
  private void touch(String type, Path path) {
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

  private void make(String type, @Nullable Path path) {
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

  private static boolean isObjectMethod(String key) {
    return EQUALITY.contains(key) || key.equals(TO_STRING);
  }

  private void callBack(Set<String> methods, @Nullable Path path) {
    for (String key : methods) {
      if (calledBack.add(key)) {
        if (path != null) {
          virtualCalls.putIfAbsent(key, path);
        }
        targets.getOrDefault(key, List.of()).forEach(t -> enter(t.method, path));
      }
    }
  }

  /* ---------------- Calls ---------------- */

  private void lambda(MethodFacts.Lambda lambda, Path path) {
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

  private void call(MethodFacts.Call call, Path path) {
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
      flag("opaque", path, JdkCall.simpleName(owner) + " has no class file");
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

  private void virtualCall(String owner, String key, @Nullable Path path) {
    if (path != null) {
      virtualCalls.putIfAbsent(key, path);
    }
    if (receiversOf.computeIfAbsent(key, k -> new HashSet<>()).add(owner)) {
      for (Target target : List.copyOf(targets.getOrDefault(key, List.of()))) {
        if (hierarchy.superTypes(target.type).contains(owner)) {
          reach(target.method, path);
        }
      }
    }
  }

  /** Looks up what a call of a method of the JDK does. */
  private void jdkCalls(MethodFacts.Call call, String owner, @Nullable Path path) {
    if (!JdkTable.isJdk(owner)) {
      return;
    }
    String name = call.name();
    String descriptor = call.descriptor();
    world(owner, name, descriptor, path);
    if (!Quiet.is(owner, name)) {
      flag("loud", path, name);
    }
    expose(owner, name, descriptor, path);
    jdkUses.add(new JdkUse(call, owner, path));
  }

  /* ---------------- What is shared ---------------- */

  private void judge() {
    boolean visible = !flags.contains("opaque") && visited.size() <= FLOW_LIMIT;
    Flow flow = visible ? flow(null) : null;
    for (LockUse use : lockUses) {
      boolean own = false;
      if (flow != null && !use.lock.ofClass()) {
        Flow.Method method = method(use.path);
        own =
            use.instruction == null
                ? !flow.receiverMayBeShipped(method)
                : !flow.mayBeShipped(method, use.instruction.sources());
      }
      if (!own) {
        lock(given(use), use.path, use.what);
      }
    }
    boolean told = visible && leads != null && !flags.contains("reflective");
    Flow threadSafe = told ? flow(leads) : flow;
    for (JdkUse use : jdkUses) {
      judge(use, threadSafe);
    }
  }

  private void judge(JdkUse use, @Nullable Flow flow) {
    MethodFacts.Call call = use.call;
    String owner = use.owner;
    for (MethodFacts.Operand operand : call.read()) {
      if (!isOwn(operand, use.path, flow)) {
        String read = operand.type().startsWith("[") ? OBJECT : operand.type();
        JdkCall reads =
            new JdkCall(read, JdkCall.READ, "()V", Operation.ACQUIRE, false, false, true);
        add(reads, use.path);
      }
    }
    String name = call.name();
    String descriptor = call.descriptor();
    boolean parks = owner.equals("java/util/concurrent/locks/LockSupport");
    boolean isStatic = call.opcode() == Opcodes.INVOKESTATIC;
    if (owner.endsWith("ThreadLocal")
        || name.equals("<init>")
        || (isStatic && !parks)
        || !JdkTable.maySynchronise(owner)
        || (owner.equals(OBJECT) && !isObjectMethod(name + descriptor) && !name.equals("wait"))) {
      return;
    }
    Operation operation = JdkTable.operation(owner, name, descriptor);
    if (operation != Operation.NEUTRAL) {
      boolean dropped =
          call.resultDropped()
              || descriptor.endsWith(")V")
              || JdkTable.returnsThis(owner, name, descriptor);
      boolean own =
          call.fresh()
              || (!isStatic
                  && !call.operands().isEmpty()
                  && isOwn(call.operands().get(0), use.path, flow));
      boolean escapes = call.escapes() || !call.fresh();
      add(new JdkCall(owner, name, descriptor, operation, dropped, own, escapes), use.path);
    }
  }

  private static boolean isOwn(
      MethodFacts.Operand operand, @Nullable Path path, @Nullable Flow flow) {
    return flow != null && path != null && !flow.mayBeShipped(method(path), operand.sources());
  }

  private static Flow.Method method(Path path) {
    return new Flow.Method(path.key(), path.method);
  }

  /** Follows what is shipped, or of that only what leads to thread-safe objects. */
  private Flow flow(@Nullable Leads only) {
    Flow flow = new Flow(new ReachedCode(only));
    for (String key : calledFromJdk) {
      Path path = visited.get(key);
      if (path != null) {
        int captured = only == null ? 0 : only.bodies().getOrDefault(key, 0);
        flow.enter(
            method(path), slot -> only == null || slot >= captured || only.mayLead(key, slot));
      }
    }
    flow.run();
    return flow;
  }

  /** The code that was reached, as {@link Flow} sees it. */
  private final class ReachedCode implements Flow.Code {
    private final @Nullable Leads only;
    private final List<Flow.Method> methods = visited.values().stream().map(Reach::method).toList();
    private final IdentityHashMap<MethodFacts.Call, List<Flow.Method>> called =
        new IdentityHashMap<>();

    ReachedCode(@Nullable Leads only) {
      this.only = only;
    }

    @Override
    public List<Flow.Method> methods() {
      return methods;
    }

    @Override
    public List<Flow.Method> targets(MethodFacts.Call call) {
      return called.computeIfAbsent(
          call, c -> find(c.opcode(), c.owner(), c.name() + c.descriptor()));
    }

    @Override
    public List<Flow.Method> targets(MethodFacts.Lambda lambda) {
      Handle target = lambda.target();
      boolean isVirtual =
          target.getTag() == Opcodes.H_INVOKEVIRTUAL
              || target.getTag() == Opcodes.H_INVOKEINTERFACE;
      return find(
          isVirtual ? Opcodes.INVOKEVIRTUAL : Opcodes.INVOKESPECIAL,
          target.getOwner(),
          target.getName() + target.getDesc());
    }

    private List<Flow.Method> find(int opcode, String owner, String key) {
      Map<String, Flow.Method> found = new LinkedHashMap<>();
      if (!JdkTable.isJdk(owner)) {
        put(hierarchy.resolve(owner, key), found);
      }
      if (opcode == Opcodes.INVOKEVIRTUAL || opcode == Opcodes.INVOKEINTERFACE) {
        for (Target target : targets.getOrDefault(key, List.of())) {
          if (hierarchy.superTypes(target.type).contains(owner)) {
            put(target.method, found);
          }
        }
      }
      return List.copyOf(found.values());
    }

    private void put(Hierarchy.@Nullable Resolved target, Map<String, Flow.Method> found) {
      Path path = target == null ? null : visited.get(key(target));
      if (path != null) {
        found.put(path.key(), method(path));
      }
    }

    @Override
    public FieldRef locate(FieldRef field) {
      Map.Entry<String, Integer> declared = hierarchy.field(field);
      return declared == null
          ? field
          : new FieldRef(declared.getKey(), field.name(), field.descriptor());
    }

    @Override
    public boolean tellsCallBacks() {
      return only != null;
    }

    @Override
    public boolean isShipped(FieldRef field) {
      if (only != null) {
        return only.fields().contains(field);
      }
      Map.Entry<String, Integer> declared = hierarchy.field(field);
      boolean isStatic = declared != null && (declared.getValue() & Modifier.STATIC) != 0;
      return isStatic ? isApplication.test(field.owner()) : shippedTypes.contains(field.owner());
    }
  }

  /** Notes what a call does other than to thread-safe objects. */
  private void world(String owner, String name, String descriptor, @Nullable Path path) {
    String what = JdkCall.simpleName(owner) + '.' + name;
    boolean reflective = JdkTable.reflective(owner, name, descriptor);
    if (JdkTable.external(owner, name, descriptor)) {
      flag("external", path, what);
    }
    if (reflective) {
      flag("reflective", path, what);
    }
    if (JdkTable.startsThread(owner, name, descriptor)) {
      flag("startsThreads", path, what);
    }
    if (JdkTable.opaque(owner, name, descriptor)) {
      flag("opaque", path, what);
    }
    if (name.equals("clone") && descriptor.equals("()Ljava/lang/Object;") && path != null) {
      readAll(owner.equals("java/lang/Object") ? path.owner.name : owner, path);
    }
    if (owner.endsWith("ThreadLocal") && !name.equals("<init>") && !name.equals("withInitial")) {
      flag("usesThreadLocal", path, what);
    }
  }

  /** Counts all fields of the shipped objects of a type as read: the JDK copies them. */
  private void readAll(String type, Path path) {
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
                if ((access & Modifier.STATIC) == 0 && fieldsRead.add(ref)) {
                  paths.putIfAbsent(ref, path + ": clone");
                }
              });
        }
      }
    }
  }

  private void add(JdkCall call, @Nullable Path path) {
    if (calls.add(call)) {
      paths.putIfAbsent(call, at(path, call.toString()));
    }
  }

  /** Lets a call into the JDK call back what it may use of the objects that it is given. */
  private void expose(String owner, String name, String descriptor, @Nullable Path path) {
    if (name.equals("toString") || JdkTable.prints(owner, name, descriptor)) {
      callBack(Set.of(TO_STRING), path);
    }
    boolean compares =
        descriptor.contains("Ljava/lang/Object;")
            || descriptor.contains("Ljava/util/Collection;")
            || descriptor.contains("Ljava/util/Map;")
            || owner.startsWith("java/util/stream/");
    if (compares && !name.equals("<init>") && owner.startsWith("java/util/")) {
      callBack(EQUALITY, path);
    }
  }
}
