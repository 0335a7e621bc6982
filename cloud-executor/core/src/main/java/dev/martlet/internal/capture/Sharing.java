package dev.martlet.internal.capture;

import dev.martlet.internal.effects.JdkTable;
import dev.martlet.internal.effects.Operation;
import dev.martlet.internal.shaded.bytebuddy.jar.asm.Handle;
import dev.martlet.internal.shaded.bytebuddy.jar.asm.Opcodes;
import java.lang.reflect.Modifier;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Which of the monitors that a task's code enters, and of the JDK's objects that it uses, may be
 * shared with others: those that {@link Flow} does not tell to be certainly the task's own.
 */
final class Sharing {
  /** With more methods than this, everything may be shipped. */
  private static final int FLOW_LIMIT = 5_000;

  private static final String OBJECT = "java/lang/Object";

  private final CodeWalk walk;
  private final Hierarchy hierarchy;
  private final FindingsBuilder findings;
  private final @Nullable Leads leads;

  /**
   * @param walk the code, all of which has been reached
   * @param leads where thread-safe objects of the JDK are, or null if they may be anywhere
   */
  Sharing(CodeWalk walk, @Nullable Leads leads) {
    this.walk = walk;
    this.hierarchy = walk.hierarchy;
    this.findings = walk.findings;
    this.leads = leads;
  }

  void judge() {
    boolean visible = !findings.has("opaque") && walk.visited.size() <= FLOW_LIMIT;
    Flow flow = visible ? flow(null) : null;
    for (CodeWalk.LockUse use : walk.lockUses) {
      boolean own = false;
      if (flow != null && !use.lock().ofClass()) {
        Flow.Method method = method(use.path());
        own =
            use.instruction() == null
                ? !flow.receiverMayBeShipped(method)
                : !flow.mayBeShipped(method, use.instruction().sources());
      }
      if (!own) {
        lock(given(use), use.path(), use.what());
      }
    }
    boolean told = visible && leads != null && !findings.has("reflective");
    Flow threadSafe = told ? flow(leads) : flow;
    for (CodeWalk.JdkUse use : walk.jdkUses) {
      judge(use, threadSafe);
    }
  }

  private void judge(CodeWalk.JdkUse use, @Nullable Flow flow) {
    MethodFacts.Call call = use.call();
    String owner = use.owner();
    for (MethodFacts.Operand operand : call.read()) {
      if (!isOwn(operand, use.path(), flow)) {
        String read = operand.type().startsWith("[") ? OBJECT : operand.type();
        JdkCall reads =
            new JdkCall(read, JdkCall.READ, "()V", Operation.ACQUIRE, false, false, true);
        add(reads, use.path());
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
        || (owner.equals(OBJECT)
            && !CodeWalk.isObjectMethod(name + descriptor)
            && !name.equals("wait"))) {
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
                  && isOwn(call.operands().get(0), use.path(), flow));
      boolean escapes = call.escapes() || !call.fresh();
      add(new JdkCall(owner, name, descriptor, operation, dropped, own, escapes), use.path());
    }
  }

  private static boolean isOwn(
      MethodFacts.Operand operand, @Nullable CallPath path, @Nullable Flow flow) {
    return flow != null && path != null && !flow.mayBeShipped(method(path), operand.sources());
  }

  /** Says of a lock that is a parameter of the task itself that it is given. */
  private static LockRef given(CodeWalk.LockUse use) {
    LockRef lock = use.lock();
    MethodFacts.Lock instruction = use.instruction();
    boolean given =
        instruction != null
            && use.path().caller() == null
            && !instruction.sources().isEmpty()
            && instruction.sources().stream()
                .allMatch(s -> s.kind() == MethodFacts.Source.Kind.PARAMETER);
    return given
        ? new LockRef(lock.type(), lock.ofClass(), lock.field(), lock.fieldStatic(), true)
        : lock;
  }

  private void lock(LockRef lock, CallPath path, String what) {
    FieldRef field = lock.field();
    String owner = lock.fieldStatic() && field != null ? field.owner() : lock.type();
    if ((lock.ofClass() || lock.fieldStatic())
        && !JdkTable.isJdk(owner)
        && !walk.isApplication.test(owner)) {
      return; // A library's statics are a worker's own.
    }
    if (findings.locks.add(lock)) {
      findings.path(lock, path + ": " + what);
    }
  }

  private void add(JdkCall call, @Nullable CallPath path) {
    if (findings.calls.add(call)) {
      findings.path(call, FindingsBuilder.at(path, call.toString()));
    }
  }

  private static Flow.Method method(CallPath path) {
    return new Flow.Method(path.key(), path.method());
  }

  /** Follows what is shipped, or of that only what leads to thread-safe objects. */
  private Flow flow(@Nullable Leads only) {
    Flow flow = new Flow(new ReachedCode(only));
    for (String key : walk.calledFromJdk) {
      CallPath path = walk.visited.get(key);
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
    private final List<Flow.Method> methods =
        walk.visited.values().stream().map(Sharing::method).toList();
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
        for (CodeWalk.Target target : walk.targets.getOrDefault(key, List.of())) {
          if (hierarchy.superTypes(target.type()).contains(owner)) {
            put(target.method(), found);
          }
        }
      }
      return List.copyOf(found.values());
    }

    private void put(Hierarchy.@Nullable Resolved target, Map<String, Flow.Method> found) {
      CallPath path = target == null ? null : walk.visited.get(CodeWalk.key(target));
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
      return isStatic
          ? walk.isApplication.test(field.owner())
          : walk.shippedTypes.contains(field.owner());
    }
  }
}
