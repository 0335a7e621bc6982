package dev.martlet.internal.capture;

import dev.martlet.internal.classpath.ClassWorld;
import dev.martlet.internal.codec.ArrayMirrors;
import dev.martlet.internal.codec.Border;
import dev.martlet.internal.codec.ClassPlan;
import dev.martlet.internal.codec.ClassSpace;
import dev.martlet.internal.codec.GraphEncoder;
import dev.martlet.internal.codec.LambdaShape;
import dev.martlet.internal.codec.Locals;
import dev.martlet.internal.codec.ObjectTable;
import dev.martlet.internal.codec.UntravelableException;
import dev.martlet.internal.effects.JdkTable;
import java.lang.invoke.MethodHandleInfo;
import java.lang.ref.WeakReference;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.WeakHashMap;
import java.util.concurrent.Callable;
import java.util.concurrent.CountedCompleter;
import java.util.concurrent.ForkJoinTask;
import java.util.concurrent.RecursiveTask;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BiConsumer;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Turns a task into bytes, or finds that it has to run at home.
 *
 * <p>What a task's code does, and so what of its objects has to travel, depends on the classes of
 * those objects. So a site's plan is made for a set of classes, and made anew for a larger set when
 * a graph holds others; sets only grow, and soon they are stable. From then on a capture is one
 * walk over the graph.
 *
 * <p>Thread-safe.
 */
public final class Capture {
  private static final int SMALL = 1 << 16;
  private static final String REMEDY =
      "; make it inside the task, or once a worker with WorkerLocal.of";

  // A collection that others change meanwhile, by commits or at home, is copied between changes.
  private static final int ATTEMPTS = 100;
  private static final long PAUSE_NANOS = 10_000;

  // The functional interface and method of each kind of body, in the order of the kinds. Others are
  // called as their objects say.
  private static final List<Class<?>> INTERFACES =
      List.of(
          Callable.class,
          Runnable.class,
          Supplier.class,
          Function.class,
          Consumer.class,
          BiFunction.class,
          BiConsumer.class,
          ForkJoinTask.class);
  private static final List<String> METHODS =
      List.of("call", "run", "get", "apply", "accept", "apply", "accept", "compute");
  private static final List<String> DESCRIPTORS =
      List.of(
          "()Ljava/lang/Object;",
          "()V",
          "()Ljava/lang/Object;",
          "(Ljava/lang/Object;)Ljava/lang/Object;",
          "(Ljava/lang/Object;)V",
          "(Ljava/lang/Object;Ljava/lang/Object;)Ljava/lang/Object;",
          "(Ljava/lang/Object;Ljava/lang/Object;)V",
          "()V");
  private static final int COMPUTE = METHODS.size() - 1;
  private static final String COMPLETER = "java/util/concurrent/CountedCompleter";

  /** Methods by which a fork/join task gets hold of those above it. */
  public static final Set<String> OF_WHOLE_TREE =
      Set.of("firstComplete", "nextComplete", "helpComplete", "getCompleter", "getRoot");

  private final ClassWorld world;
  private final ClassSpace space;
  private final Border tokens;
  private final ArrayMirrors mirrors;
  private final long longest = Long.getLong("martlet.internal.longestTask", GraphEncoder.LONGEST);
  private final Map<ClassLoader, Predicate<String>> application =
      Collections.synchronizedMap(new WeakHashMap<>());

  /**
   * Creates a capture.
   *
   * @param world the classes of this JVM
   * @param tokens what travels by name
   * @param mirrors the long arrays that travel as images
   */
  public Capture(ClassWorld world, Border tokens, ArrayMirrors mirrors) {
    this.mirrors = mirrors;
    this.world = world;
    this.space = new ClientSpace(world);
    this.tokens = tokens;
  }

  /** Returns the classes of this JVM. */
  public ClassSpace space() {
    return space;
  }

  /** Returns the call site of a function. */
  public static Site site(Object function) {
    return function instanceof Sited s ? s.site() : Site.of(function);
  }

  private static Object travels(Object function) {
    return function instanceof Sited s ? s.travels() : function;
  }

  /** Returns the class that says which code a function is, or in whose world it runs. */
  private static Class<?> type(Object function) {
    return function instanceof Sited s ? s.host() : function.getClass();
  }

  /**
   * Captures a function and its arguments.
   *
   * @param kind the number of how the function is called, which the encoding begins with
   * @param locals what thread-locals hold for the task, or null if none may travel
   * @throws HomeException if the task has to run at home
   */
  public Captured capture(
      Object function,
      int kind,
      @Nullable Object first,
      @Nullable Object second,
      @Nullable Locals locals)
      throws HomeException {
    Site site = site(function);
    String home = site.home();
    if (home != null) {
      throw new HomeException(home, "");
    }
    Plan plan = plan(site, function, kind, first, second);
    CountedCompleter<?> completer =
        kind == COMPUTE && function instanceof CountedCompleter<?> c ? c.getCompleter() : null;
    for (int attempt = 1; ; attempt++) {
      ObjectTable table = new ObjectTable();
      GraphEncoder encoder = encoder(plan, table);
      encoder.mirrors(mirrors);
      encoder.limit(longest);
      encoder.locals(locals);
      if (completer != null) {
        checkWhole(plan);
        encoder.cut(completer, Tokens.COMPLETER, CountedCompleter.class);
      }
      try {
        // A task that runs later may see what is written to an array meanwhile, wherever it runs.
        encoder.lend();
        encoder.writeByte(kind);
        encoder.write(travels(function));
        encoder.write(first);
        encoder.write(second);
      } catch (UntravelableException e) {
        if (e.isPassing() && attempt < ATTEMPTS) {
          LockSupport.parkNanos(attempt * PAUSE_NANOS);
          continue;
        }
        throw new HomeException(e.path() + " cannot travel: it " + e.reason() + REMEDY, e.path());
      }
      Survey survey = survey(table, completer);
      if (plan.types.containsAll(survey.types) && plan.unbounded == survey.unbounded) {
        Plan closest = closest(plan, kind, function, table);
        if (closest.verdict.kind() == Verdict.Kind.HOME
            && survey.types.size() < plan.types.size()) {
          // Another's objects may be what keeps it at home.
          plan = own(site, kind, function, survey);
          continue;
        }
        return captured(site, closest, encoder, table);
      }
      Set<Class<?>> types = new HashSet<>(plan.types);
      types.addAll(survey.types);
      plan = plan(kind, type(function), types, survey.unbounded, null);
      site.plan(plan);
    }
  }

  /** Returns the plan for the classes that a task's own graph holds. */
  private Plan own(Site site, int kind, Object function, Survey survey) throws HomeException {
    Plan plan = site.own(survey.types);
    if (plan == null || plan.unbounded != survey.unbounded) {
      plan = plan(kind, type(function), survey.types, survey.unbounded, null);
      site.own(plan);
    }
    return plan;
  }

  /** Looks closer before a task is kept at home, as the types of its objects alone say it must. */
  private Plan closest(Plan plan, int kind, Object function, ObjectTable table)
      throws HomeException {
    if (plan.verdict.kind() != Verdict.Kind.HOME || plan.findings.opaque()) {
      return plan;
    }
    Plan closer = plan.closer;
    if (plan.home) {
      return closer != null && closer.verdict.kind() == Verdict.Kind.HOME ? closer : plan;
    }
    Leads leads = Leads.of(table, plan, plan.findings.staticsRead(), loader(function));
    if (leads == null) {
      plan.home = true;
      return plan;
    }
    Leads known = closer == null ? null : closer.leads;
    if (closer == null || known == null || !known.contains(leads)) {
      Leads all = known == null ? leads : known.with(leads);
      closer = plan(kind, type(function), plan.types, plan.unbounded, all);
      closer.leads = all;
      plan.closer = closer;
    }
    if (closer.verdict.kind() == Verdict.Kind.HOME) {
      plan.home = true;
    }
    return closer;
  }

  private static ClassLoader loader(Object function) {
    Class<?> type = type(function);
    LambdaShape shape = type.isHidden() ? ClassPlan.of(type).shape() : null;
    return loader(shape == null ? type : shape.host());
  }

  /**
   * Returns how a light task is sent, or null if this is none, or none for certain.
   *
   * @throws HomeException if the task has to run at home
   */
  public @Nullable Light light(
      Object function, int kind, @Nullable Object first, @Nullable Object second)
      throws HomeException {
    if (!function.getClass().isHidden()) {
      return null;
    }
    Site site = site(function);
    if (site.home() != null || site.isAlone()) {
      return null;
    }
    Plan plan = plan(site, function, kind, first, second);
    if (!plan.lightKnown) {
      plan.light = Light.of(site, plan, space, function);
      plan.lightKnown = true;
    }
    Light light = plan.light;
    return light != null && light.fits(function, first, second) ? light : null;
  }

  private Plan plan(
      Site site, Object function, int kind, @Nullable Object first, @Nullable Object second)
      throws HomeException {
    Plan plan = site.plan();
    if (plan == null) {
      Set<Class<?>> types = new HashSet<>();
      for (Object o : new Object[] {travels(function), first, second}) {
        if (o != null) {
          types.add(o.getClass());
        }
      }
      plan = plan(kind, type(function), types, true, null);
      site.plan(plan);
    }
    return plan;
  }

  private static Captured captured(Site site, Plan plan, GraphEncoder encoder, ObjectTable table)
      throws HomeException {
    Verdict verdict = plan.verdict;
    if (verdict.kind() == Verdict.Kind.HOME) {
      throw new HomeException(
          verdict.reason()
              + "; to let the task leave, return its result, or drop what such operations return",
          "");
    }
    String setting = JvmSettings.changed(plan.findings.settings());
    if (setting != null) {
      throw new HomeException("workers do not have " + setting, "");
    }
    long bytes = encoder.size();
    if (bytes > GraphEncoder.LONGEST) {
      throw new HomeException("its objects take " + bytes + " bytes, more than can travel", "");
    }
    List<ByteBuffer> graph;
    if (bytes <= SMALL) {
      graph = List.of(ByteBuffer.wrap(encoder.toByteArray()));
      plan.spare.set(encoder);
    } else {
      graph = encoder.buffers();
    }
    return new Captured(site, plan, graph, bytes, table);
  }

  private GraphEncoder encoder(Plan plan, ObjectTable table) {
    GraphEncoder spare = plan.spare.getAndSet(null);
    if (spare == null) {
      return new GraphEncoder(space, plan, table);
    }
    spare.reset(table);
    return spare;
  }

  private record Survey(Set<Class<?>> types, boolean unbounded) {}

  /** A part of a tree must not ask what the rest looks like, since that stays at home. */
  private static void checkWhole(Plan plan) throws HomeException {
    for (JdkCall call : plan.findings.calls()) {
      if (call.owner().equals(COMPLETER) && OF_WHOLE_TREE.contains(call.name())) {
        throw new HomeException(
            "it calls " + call.name() + ", so it can leave as a whole tree only", "");
      }
    }
  }

  private static Survey survey(ObjectTable table, @Nullable Object cut) {
    Set<Class<?>> types = new HashSet<>();
    boolean unbounded = true;
    Class<?> last = null;
    for (int id = 0; id < table.size(); id++) {
      Object o = table.get(id);
      Class<?> type = o.getClass();
      if (o == cut || Tokens.travelsByName(o)) {
        continue;
      }
      if ((type != last && types.add(type)) || JdkTable.synchronises(type)) {
        unbounded &=
            !(o instanceof java.util.concurrent.LinkedBlockingQueue
                    || o instanceof java.util.concurrent.LinkedBlockingDeque)
                || JdkTable.isUnbounded(o);
      }
      last = type;
    }
    return new Survey(types, unbounded);
  }

  private Plan plan(
      int kind, Class<?> function, Set<Class<?>> types, boolean unbounded, @Nullable Leads leads)
      throws HomeException {
    List<EntryPoint> entries = new ArrayList<>();
    if (kind < INTERFACES.size() && !function.isHidden()) {
      String owner = internal(function);
      String descriptor =
          kind == COMPUTE && RecursiveTask.class.isAssignableFrom(function)
              ? DESCRIPTORS.get(0)
              : DESCRIPTORS.get(kind);
      entries.add(new EntryPoint(owner, METHODS.get(kind), descriptor, function));
      if (!INTERFACES.get(kind).isAssignableFrom(function)) {
        throw new IllegalArgumentException(function + " is no " + INTERFACES.get(kind));
      }
    }
    ClassLoader loader = loader(function);
    Class<?> host = function;
    for (Class<?> type : types) {
      if (type.getName().startsWith("dev.martlet.internal.")) {
        throw new HomeException("it refers to a future of this pool", "");
      }
      if (JdkTable.synchronises(type)
          && !JdkTable.isJdk(internal(type))
          && !(kind == COMPUTE && ForkJoinTask.class.isAssignableFrom(type))) {
        throw new HomeException(
            type.getName() + " extends a thread-safe class of the JDK, so it has to be shared", "");
      }
      LambdaShape shape = type.isHidden() ? ClassPlan.of(type).shape() : null;
      if (shape != null) {
        entries.add(entry(shape));
        if (type == function) {
          host = shape.host();
          loader = loader(host);
        }
      }
    }
    if (host.getClassLoader() != null) {
      world.markApplication(host);
    }
    Predicate<String> isOurs = isApplication(loader);
    Findings findings;
    Set<Class<?>> all = new HashSet<>(types);
    boolean more;
    do {
      findings = Reach.analyse(entries, all, ClassFiles.of(loader), isOurs, leads);
      // A library's statics are the worker's own.
      List<FieldRef> statics =
          findings.staticsRead().stream().filter(f -> isOurs.test(f.owner())).toList();
      more = all.addAll(StaticTypes.of(statics, loader));
    } while (more);
    Verdict verdict = TaskClassifier.classify(findings, all, unbounded, kind == COMPUTE);
    return new Plan(loader, types, unbounded, findings, verdict, tokens);
  }

  private static EntryPoint entry(LambdaShape shape) {
    boolean constructor = shape.kind() == MethodHandleInfo.REF_newInvokeSpecial;
    // The receiver of a reference may be of any class below.
    boolean known = shape.isBody() && shape.kind() != MethodHandleInfo.REF_invokeStatic;
    String descriptor = shape.implementationType().toMethodDescriptorString();
    return new EntryPoint(
        internal(shape.owner()),
        shape.name(),
        constructor ? descriptor.substring(0, descriptor.indexOf(')') + 1) + "V" : descriptor,
        known ? shape.owner() : null,
        shape.type().returnType() == void.class);
  }

  private Predicate<String> isApplication(ClassLoader loader) {
    WeakReference<ClassLoader> weak = new WeakReference<>(loader);
    return application.computeIfAbsent(
        loader,
        l ->
            name -> {
              try {
                return world.isApplication(
                    Class.forName(name.replace('/', '.'), false, weak.get()));
              } catch (ClassNotFoundException | LinkageError e) {
                return false;
              }
            });
  }

  private static ClassLoader loader(Class<?> type) {
    ClassLoader loader = type.getClassLoader();
    return loader == null ? ClassLoader.getSystemClassLoader() : loader;
  }

  private static String internal(Class<?> type) {
    return type.getName().replace('.', '/');
  }
}
