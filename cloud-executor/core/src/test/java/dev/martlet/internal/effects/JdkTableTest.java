package dev.martlet.internal.effects;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.invoke.MethodType;
import java.lang.module.ModuleFinder;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.Hashtable;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.Stack;
import java.util.Timer;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.Vector;
import java.util.concurrent.*;
import java.util.concurrent.atomic.*;
import java.util.concurrent.locks.ReentrantLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.concurrent.locks.StampedLock;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class JdkTableTest {
  static final List<Class<?>> SHARED =
      List.of(
          AtomicInteger.class,
          AtomicLong.class,
          AtomicBoolean.class,
          AtomicReference.class,
          AtomicIntegerArray.class,
          AtomicLongArray.class,
          AtomicReferenceArray.class,
          AtomicMarkableReference.class,
          AtomicStampedReference.class,
          LongAdder.class,
          DoubleAdder.class,
          LongAccumulator.class,
          DoubleAccumulator.class,
          ReentrantLock.class,
          ReentrantReadWriteLock.class,
          ReentrantReadWriteLock.ReadLock.class,
          ReentrantReadWriteLock.WriteLock.class,
          StampedLock.class,
          ConcurrentHashMap.class,
          ConcurrentHashMap.newKeySet().getClass(),
          ConcurrentSkipListMap.class,
          ConcurrentSkipListSet.class,
          ConcurrentLinkedQueue.class,
          ConcurrentLinkedDeque.class,
          CopyOnWriteArrayList.class,
          CopyOnWriteArraySet.class,
          ArrayBlockingQueue.class,
          LinkedBlockingQueue.class,
          LinkedBlockingDeque.class,
          LinkedTransferQueue.class,
          PriorityBlockingQueue.class,
          DelayQueue.class,
          SynchronousQueue.class,
          CountDownLatch.class,
          CyclicBarrier.class,
          Semaphore.class,
          Phaser.class,
          Exchanger.class,
          CompletableFuture.class,
          FutureTask.class,
          ForkJoinPool.class,
          ThreadPoolExecutor.class,
          Collections.synchronizedList(new ArrayList<>()).getClass(),
          Collections.synchronizedCollection(new ArrayDeque<>()).getClass(),
          Collections.synchronizedSet(new TreeSet<>()).getClass(),
          Collections.synchronizedMap(new HashMap<>()).getClass(),
          Collections.synchronizedNavigableMap(new TreeMap<>()).getClass(),
          Vector.class,
          Stack.class,
          Hashtable.class,
          Properties.class,
          StringBuffer.class,
          Timer.class,
          Thread.class);

  static class Counter extends AtomicInteger {
    private static final long serialVersionUID = 1;
  }

  @Test
  void everySharedTypeSynchronises() {
    assertThat(SHARED).allMatch(JdkTable::synchronises);
  }

  @Test
  void viewsIteratorsAndSubclassesOfSharedTypesSynchronise() {
    Map<String, String> map = new ConcurrentHashMap<>(Map.of("a", "b"));
    List<String> list = Collections.synchronizedList(new ArrayList<>(List.of("a")));
    assertThat(
            List.of(
                new Counter(),
                map.keySet(),
                map.values(),
                map.entrySet(),
                map.keySet().iterator(),
                list.subList(0, 1),
                Collections.synchronizedMap(new HashMap<>()).entrySet(),
                new ConcurrentSkipListMap<>(map).headMap("b"),
                new CopyOnWriteArrayList<>(list).iterator(),
                new ReentrantReadWriteLock().readLock()))
        .allMatch(o -> JdkTable.synchronises(o.getClass()), "synchronises");
  }

  @Test
  void plainTypesDoNotSynchronise() {
    assertThat(
            List.<Object>of(
                "text",
                1,
                new Object(),
                new ArrayList<>(),
                new HashMap<>(),
                new IdentityHashMap<>(),
                new ArrayDeque<>(),
                new StringBuilder(),
                List.of(1),
                Map.of(),
                Stream.of(1),
                Collections.unmodifiableList(new ArrayList<>()),
                new SplittableRandom(1),
                new java.util.Random(1),
                ThreadLocalRandom.current(),
                TimeUnit.SECONDS,
                new int[0]))
        .noneMatch(o -> JdkTable.synchronises(o.getClass()));
  }

  @Test
  void viewsOfUnknownContainersWrap() {
    assertThat(
            List.of(
                Collections.newSetFromMap(new ConcurrentHashMap<>()),
                Collections.unmodifiableList(new Vector<>()),
                Collections.unmodifiableMap(new ConcurrentHashMap<>()),
                Collections.checkedList(new Vector<>(), Object.class)))
        .allMatch(o -> JdkTable.wraps(o.getClass()));
    assertThat(JdkTable.wraps(ArrayList.class)).isFalse();
  }

  @Test
  void everySupertypeOfASharedTypeMaySynchronise() {
    for (Class<?> shared : SHARED) {
      for (Class<?> c = shared; c != null; c = c.getSuperclass()) {
        assertThat(JdkTable.maySynchronise(internal(c))).as(c.getName()).isTrue();
        for (Class<?> i : c.getInterfaces()) {
          assertThat(JdkTable.maySynchronise(internal(i))).as(i.getName()).isTrue();
        }
      }
    }
  }

  @Test
  void allPackagesOfTheRuntimeAreTheJdks() {
    Set<String> packages =
        ModuleFinder.ofSystem().findAll().stream()
            .flatMap(m -> m.descriptor().packages().stream())
            .map(p -> p.replace('.', '/'))
            .filter(p -> !p.contains("toolbarButtonGraphics")) // has no classes
            .collect(Collectors.toSet());
    assertThat(packages).contains("java/lang", "jdk/incubator/vector");
    assertThat(packages).allSatisfy(p -> assertThat(JdkTable.isJdk(p + "/Type")).isTrue());
    assertThat(List.of("java/Type", "org/xml/Type", "org/junit/Type", "javax/own/Type", "Type"))
        .noneMatch(JdkTable::isJdk);
  }

  @ParameterizedTest
  @ValueSource(
      classes = {
        Collection.class,
        List.class,
        Map.class,
        Map.Entry.class,
        Set.class,
        Iterable.class,
        java.util.Queue.class,
        java.util.Deque.class,
        java.util.Iterator.class,
        Number.class,
        CharSequence.class,
        Appendable.class,
        Executor.class,
        Future.class,
        CompletionStage.class,
        java.util.Spliterator.class,
        java.util.Enumeration.class,
        Object.class
      })
  void commonInterfacesMaySynchronise(Class<?> type) {
    assertThat(JdkTable.maySynchronise(internal(type))).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      classes = {
        String.class,
        ArrayList.class,
        HashMap.class,
        Integer.class,
        StringBuilder.class,
        Stream.class,
        java.util.Optional.class,
        Math.class,
        TreeMap.class
      })
  void plainTypesMayNotSynchronise(Class<?> type) {
    assertThat(JdkTable.maySynchronise(internal(type))).isFalse();
  }

  @TestFactory
  Stream<DynamicTest> noMethodThatBlocksOrOnlyReadsIsARelease() {
    return SHARED.stream()
        .map(type -> DynamicTest.dynamicTest(type.getName(), () -> checkMethods(type)));
  }

  private static void checkMethods(Class<?> type) {
    int checked = 0;
    for (Method method : type.getMethods()) {
      if (Modifier.isStatic(method.getModifiers())) {
        continue;
      }
      Operation operation = operation(type, method);
      checked++;
      String what = type.getSimpleName() + '.' + method.getName() + descriptor(method);
      if (declaresInterruption(method)) {
        assertThat(operation).as(what).matches(o -> o.acquires() || isUnboundedOffer(type, method));
      }
      if (operation.releases() && method.getReturnType() != void.class) {
        assertThat(operation.whenResult(true)).as(what).isEqualTo(Operation.ACQUIRE);
        assertThat(UPDATES.matcher(method.getName()).matches()).as(what + " is an update").isTrue();
      }
      if (operation == Operation.NEUTRAL) {
        assertThat(NEUTRAL).as(what).contains(method.getName());
        if (method.getName().equals("hashCode") || method.getName().equals("equals")) {
          assertThat(method.getDeclaringClass()).as(what).isEqualTo(Object.class);
        }
      }
      if (operation.releases()) {
        assertThat(READS.matcher(method.getName()).matches()).as(what + " reads").isFalse();
      }
    }
    assertThat(checked).isGreaterThan(8);
  }

  private static boolean isUnboundedOffer(Class<?> type, Method method) {
    return Set.of("offer", "put").contains(method.getName())
        && Set.of(PriorityBlockingQueue.class, DelayQueue.class, LinkedTransferQueue.class)
            .contains(type);
  }

  static final Set<String> NEUTRAL =
      Set.of(
          "getClass",
          "equals",
          "hashCode",
          "length",
          "isFair",
          "readLock",
          "writeLock",
          "asReadLock",
          "asWriteLock",
          "asReadWriteLock",
          "isWriteLockStamp",
          "isReadLockStamp",
          "isLockStamp",
          "isOptimisticReadStamp",
          "getParties",
          "getParent",
          "getRoot",
          "getMap",
          "getMappedValue",
          "isDeprecated",
          "getId",
          "threadId",
          "isVirtual");

  static final Pattern UPDATES =
      Pattern.compile(
          "(add|remove|offer|put|replace|compute|merge|getAnd|.*AndGet|.*[cC]ompareAndSet|attempt"
              + "|retain|set|push|append|complete|cancel|arrive|print|format).*");

  static final Pattern READS =
      Pattern.compile(
          "get|peek.*|poll.*|size|isEmpty|contains.*|toString|.*Value|sum.*|next.*|is.*|has.*"
              + "|iterator|spliterator|stream|forEach.*|element.*|first.*|last.*|indexOf|toArray"
              + "|get[A-Z](?<!getA).*|available.*|drain.*|sub.*|keySet|values|entrySet");

  private static boolean declaresInterruption(Method method) {
    return Arrays.asList(method.getExceptionTypes()).contains(InterruptedException.class);
  }

  @ParameterizedTest
  @CsvSource({
    "AtomicInteger, incrementAndGet, RELEASE",
    "AtomicInteger, get, ACQUIRE",
    "AtomicInteger, set, RELEASE",
    "AtomicInteger, compareAndExchange, ACQUIRE",
    "AtomicInteger, toString, ACQUIRE",
    "AtomicInteger, hashCode, NEUTRAL",
    "AtomicBoolean, set, SIGNAL",
    "AtomicReference, lazySet, SIGNAL",
    "LongAdder, increment, RELEASE",
    "LongAdder, sum, ACQUIRE",
    "LongAdder, sumThenReset, ACQUIRE",
    "ConcurrentHashMap, put, RELEASE",
    "ConcurrentHashMap, merge, RELEASE",
    "ConcurrentHashMap, computeIfAbsent, RELEASE",
    "ConcurrentHashMap, get, ACQUIRE",
    "ConcurrentHashMap, hashCode, ACQUIRE",
    "ConcurrentHashMap, mappingCount, ACQUIRE",
    "ConcurrentSkipListMap, pollFirstEntry, ACQUIRE",
    "ConcurrentLinkedQueue, add, RELEASE",
    "ConcurrentLinkedQueue, poll, ACQUIRE",
    "ConcurrentLinkedDeque, addFirst, RELEASE",
    "ConcurrentLinkedDeque, pop, ACQUIRE",
    "CopyOnWriteArrayList, addIfAbsent, RELEASE",
    "ArrayBlockingQueue, add, ACQUIRE",
    "ArrayBlockingQueue, put, WAIT",
    "ArrayBlockingQueue, take, WAIT",
    "LinkedBlockingQueue, put, WAIT",
    "LinkedBlockingDeque, push, ACQUIRE",
    "PriorityBlockingQueue, put, SIGNAL",
    "PriorityBlockingQueue, add, SIGNAL",
    "LinkedTransferQueue, transfer, WAIT",
    "LinkedTransferQueue, put, SIGNAL",
    "SynchronousQueue, offer, ACQUIRE/WAIT",
    "CountDownLatch, countDown, SIGNAL",
    "CountDownLatch, await, WAIT",
    "CountDownLatch, getCount, ACQUIRE",
    "Semaphore, release, SIGNAL",
    "Semaphore, acquire, WAIT",
    "Semaphore, drainPermits, ACQUIRE",
    "Phaser, arrive, SIGNAL",
    "Phaser, arriveAndAwaitAdvance, WAIT",
    "CyclicBarrier, await, WAIT",
    "Exchanger, exchange, WAIT",
    "CompletableFuture, complete, SIGNAL",
    "CompletableFuture, completeExceptionally, SIGNAL",
    "CompletableFuture, join, WAIT",
    "CompletableFuture, thenApply, ACQUIRE",
    "CompletableFuture, isDone, ACQUIRE",
    "FutureTask, get, WAIT",
    "ForkJoinPool, execute, ACQUIRE",
    "ThreadPoolExecutor, invokeAll, WAIT"
  })
  void aMethodOfAConcurrentTypeHasItsOperation(String type, String name, String operations)
      throws Exception {
    String pkg =
        type.matches("Atomic.*|Long(Adder|Accumulator)")
            ? "java.util.concurrent.atomic."
            : "java.util.concurrent.";
    Class<?> runtimeType = Class.forName(pkg + type);
    int checked = 0;
    for (Method method : runtimeType.getMethods()) {
      if (method.getName().equals(name)) {
        assertThat(operations.split("/", -1)).contains(operation(runtimeType, method).name());
        assertThat(JdkTable.operation(internal(runtimeType), name, descriptor(method)))
            .isEqualTo(operation(runtimeType, method));
        checked++;
      }
    }
    assertThat(checked).isPositive();
  }

  @ParameterizedTest
  @CsvSource({
    "add, (Ljava/lang/Object;)Z, RELEASE",
    "add, (ILjava/lang/Object;)V, ACQUIRE",
    "remove, (Ljava/lang/Object;)Z, RELEASE",
    "remove, (I)Ljava/lang/Object;, ACQUIRE",
    "set, (ILjava/lang/Object;)Ljava/lang/Object;, RELEASE",
    "get, (I)Ljava/lang/Object;, ACQUIRE",
    "size, ()I, ACQUIRE",
    "iterator, ()Ljava/util/Iterator;, ACQUIRE",
    "equals, (Ljava/lang/Object;)Z, ACQUIRE",
    "getClass, ()Ljava/lang/Class;, NEUTRAL"
  })
  void listsHaveTheSameOperationsByClassAndByInterface(
      String name, String descriptor, Operation operation) {
    Class<?> synchronizedList = Collections.synchronizedList(new ArrayList<>()).getClass();
    assertThat(JdkTable.operation(synchronizedList, name, descriptor)).isEqualTo(operation);
    assertThat(JdkTable.operation(Vector.class, name, descriptor)).isEqualTo(operation);
    assertThat(JdkTable.operation("java/util/List", name, descriptor)).isEqualTo(operation);
  }

  @Test
  void addingToALinkedQueueWaitsOnlyIfTheQueueHasABound() {
    String put = "(Ljava/lang/Object;)V";
    assertThat(JdkTable.operationOn(new LinkedBlockingQueue<>(), "put", put))
        .isEqualTo(Operation.SIGNAL);
    assertThat(JdkTable.operationOn(new LinkedBlockingQueue<>(9), "put", put))
        .isEqualTo(Operation.WAIT);
    assertThat(JdkTable.operationOn(new LinkedBlockingDeque<>(), "addFirst", put))
        .isEqualTo(Operation.SIGNAL);
    assertThat(JdkTable.operationOn(new LinkedBlockingDeque<>(9), "addFirst", put))
        .isEqualTo(Operation.ACQUIRE);
    assertThat(JdkTable.operationOn(new LinkedBlockingQueue<>(), "take", "()Ljava/lang/Object;"))
        .isEqualTo(Operation.WAIT);
  }

  @Test
  void anUnknownMethodIsAnAcquire() {
    assertThat(JdkTable.operation(AtomicInteger.class, "fromTheFuture", "(IJ[I)V"))
        .isEqualTo(Operation.ACQUIRE);
    assertThat(JdkTable.operation("java/util/concurrent/Unknown", "x", "()V"))
        .isEqualTo(Operation.ACQUIRE);
  }

  @Test
  void aSubclassHasTheOperationsOfTheTypeItExtends() {
    assertThat(JdkTable.operation(Counter.class, "incrementAndGet", "()I"))
        .isEqualTo(Operation.RELEASE);
  }

  @Test
  void aBufferAnswersWithItselfAndATakenNumberDoesNot() {
    String append = "(Ljava/lang/String;)Ljava/lang/StringBuffer;";
    assertThat(JdkTable.returnsThis(StringBuffer.class, "append", append)).isTrue();
    assertThat(JdkTable.returnsThis("java/lang/Appendable", "append", append)).isTrue();
    assertThat(JdkTable.returnsThis(StringBuffer.class, "toString", "()Ljava/lang/String;"))
        .isFalse();
    assertThat(JdkTable.returnsThis(AtomicInteger.class, "incrementAndGet", "()I")).isFalse();
  }

  @Test
  void waitingForAnyObjectWaits() {
    assertThat(JdkTable.operation("java/lang/Object", "wait", "(J)V")).isEqualTo(Operation.WAIT);
    assertThat(JdkTable.operation("java/lang/Object", "notifyAll", "()V"))
        .isEqualTo(Operation.SIGNAL);
  }

  @ParameterizedTest
  @CsvSource({
    "java/io/FileOutputStream, <init>, (Ljava/lang/String;)V, true",
    "java/io/PrintWriter, <init>, (Ljava/lang/String;)V, true",
    "java/io/PrintWriter, <init>, (Ljava/io/Writer;)V, false",
    "java/nio/file/Files, writeString, ()V, true",
    "java/nio/file/Files, readString, ()V, false",
    "java/nio/channels/FileChannel, open, ()V, true",
    "java/io/File, delete, ()Z, true",
    "java/io/File, exists, ()Z, false",
    "java/net/Socket, <init>, ()V, true",
    "java/net/http/HttpClient, send, ()V, true",
    "java/lang/ProcessBuilder, start, ()V, true",
    "java/lang/Runtime, exec, ()V, true",
    "java/lang/Runtime, availableProcessors, ()I, false",
    "java/awt/Desktop, browse, ()V, true",
    "java/sql/DriverManager, getConnection, ()V, true",
    "java/sql/Timestamp, toInstant, ()V, false",
    "java/io/PrintStream, println, ()V, false",
    "java/lang/System, exit, (I)V, false"
  })
  void whatTouchesTheWorldIsExternal(String owner, String name, String descriptor, boolean is) {
    assertThat(JdkTable.external(owner, name, descriptor)).isEqualTo(is);
  }

  @ParameterizedTest
  @CsvSource({
    "java/lang/reflect/Field, get, true",
    "java/lang/reflect/Field, setInt, true",
    "java/lang/reflect/Field, getName, false",
    "java/lang/invoke/MethodHandles$Lookup, findVarHandle, true",
    "java/lang/invoke/MethodHandles$Lookup, unreflect, true",
    "java/lang/invoke/MethodHandles$Lookup, lookupClass, false",
    "java/lang/invoke/VarHandle, compareAndSet, true",
    "sun/misc/Unsafe, putInt, true",
    "java/io/ObjectOutputStream, writeObject, true",
    "java/util/concurrent/atomic/AtomicLongFieldUpdater, newUpdater, true",
    "java/beans/Introspector, getBeanInfo, true",
    "java/util/Objects, hash, false"
  })
  void fieldAccessBehindTheWeaversBackIsReflective(String owner, String name, boolean is) {
    assertThat(JdkTable.reflective(owner, name, "()V")).isEqualTo(is);
  }

  @ParameterizedTest
  @CsvSource({
    "java/util/ArrayList, <init>, (Ljava/util/Collection;)V, 0, true",
    "java/util/ArrayList, <init>, (I)V, 0, false",
    "java/util/ArrayList, addAll, (ILjava/util/Collection;)Z, 1, true",
    "java/util/ArrayList, add, (Ljava/lang/Object;)Z, 0, false",
    "java/util/Collections, sort, (Ljava/util/List;)V, 0, true",
    "java/util/Collections, synchronizedList, (Ljava/util/List;)Ljava/util/List;, 0, false",
    "java/util/Collections, unmodifiableMap, (Ljava/util/Map;)Ljava/util/Map;, 0, false",
    "java/lang/String, valueOf, (Ljava/lang/Object;)Ljava/lang/String;, 0, true",
    "java/lang/String, join, (Ljava/lang/CharSequence;Ljava/lang/Iterable;)Ljava/lang/String;, 1, true",
    "java/util/List, copyOf, (Ljava/util/Collection;)Ljava/util/List;, 0, true",
    "java/util/List, of, (Ljava/lang/Object;)Ljava/util/List;, 0, false",
    "java/lang/StringBuilder, append, (Ljava/lang/Object;)Ljava/lang/StringBuilder;, 0, true",
    "java/lang/StringBuilder, append, (Ljava/lang/StringBuffer;)Ljava/lang/StringBuilder;, 0, true",
    "java/util/Objects, toString, (Ljava/lang/Object;)Ljava/lang/String;, 0, true",
    "java/util/Objects, hash, ([Ljava/lang/Object;)I, 0, true",
    "java/util/Objects, requireNonNull, (Ljava/lang/Object;)Ljava/lang/Object;, 0, false",
    "java/io/PrintStream, println, (Ljava/lang/Object;)V, 0, true",
    "java/util/concurrent/ExecutorService, invokeAll, (Ljava/util/Collection;)Ljava/util/List;, 0, true",
    "app/Mine, of, (Ljava/util/Collection;)V, 0, false"
  })
  void whatLooksIntoAnArgumentReadsIt(
      String owner, String name, String descriptor, int parameter, boolean reads) {
    assertThat(JdkTable.readsArgument(owner, name, descriptor, parameter)).isEqualTo(reads);
  }

  @ParameterizedTest
  @CsvSource({
    "java/lang/Thread, start, true",
    "java/lang/Thread, startVirtualThread, true",
    "java/lang/Thread, sleep, false",
    "java/util/concurrent/Executors, newFixedThreadPool, true",
    "java/util/concurrent/Executors, callable, false",
    "java/util/concurrent/CompletableFuture, supplyAsync, true",
    "java/util/concurrent/CompletableFuture, completedFuture, false",
    "java/util/Timer, <init>, true"
  })
  void whatMayLeaveAThreadBehindStartsOne(String owner, String name, boolean starts) {
    assertThat(JdkTable.startsThread(owner, name, "()V")).isEqualTo(starts);
  }

  @Test
  void everyTypeInTheTableExistsInTheNewestJdkOrThisOne() throws Exception {
    String[] newer = {"Sequenced", "ReverseOrder"};
    for (String name : Facts.types()) {
      if (Runtime.version().feature() >= 21 || Stream.of(newer).noneMatch(name::contains)) {
        assertThat(Class.forName(name.replace('/', '.'), false, null)).isNotNull();
      }
    }
    assertThat(Facts.types()).hasSizeGreaterThan(100);
  }

  @Test
  void everyMethodNamedInTheTableExistsInOneOfTheTypesOfItsGroup() throws Exception {
    for (Map.Entry<List<String>, Set<String>> group : Facts.groups().entrySet()) {
      for (String method : group.getValue()) {
        if (!SINCE_17.contains(method)) {
          assertThat(group.getKey())
              .as(method)
              .anyMatch(type -> method.equals("<init>") || declares(type, method));
        }
      }
    }
  }

  static final Set<String> SINCE_17 =
      Set.of(
          "threadId",
          "isVirtual",
          "isDeprecated",
          "close",
          "quietlyJoinUninterruptibly",
          "addFirst",
          "addLast");

  private static boolean declares(String type, String name) {
    try {
      for (Class<?> c = Class.forName(type.replace('/', '.'), false, null);
          c != null;
          c = c.getSuperclass()) {
        if (Stream.concat(Stream.of(c.getMethods()), Stream.of(c.getDeclaredMethods()))
            .anyMatch(m -> m.getName().equals(name))) {
          return true;
        }
      }
      return false;
    } catch (ClassNotFoundException e) {
      return false;
    }
  }

  static Operation operation(Class<?> type, Method method) {
    return JdkTable.operation(type, method.getName(), descriptor(method));
  }

  static String descriptor(Method method) {
    return MethodType.methodType(method.getReturnType(), method.getParameterTypes())
        .toMethodDescriptorString();
  }

  static String internal(Class<?> type) {
    return type.getName().replace('.', '/');
  }

  /** The table's own text, read in the plainest way. */
  static final class Facts {
    static Map<List<String>, Set<String>> groups() {
      Map<List<String>, Set<String>> groups = new HashMap<>();
      JdkFacts.OPERATIONS.forEach((pkg, lines) -> read(pkg + "/", lines, groups));
      return groups;
    }

    private static void read(String prefix, String lines, Map<List<String>, Set<String>> groups) {
      List<String> group = List.of();
      for (String line : lines.split("\n", -1)) {
        List<String> words = List.of(line.trim().split("\\s+", -1));
        List<String> rest = words.subList(1, words.size());
        if (line.matches("(shared|type|wrapper) .*")) {
          group = rest.stream().map(prefix::concat).toList();
          groups.put(group, new java.util.HashSet<>());
        } else if (!line.isBlank()) {
          Set<String> methods = groups.get(group);
          rest.forEach(m -> methods.add(m.replaceAll("[/(].*", "")));
        }
      }
    }

    static List<String> types() {
      return groups().keySet().stream().flatMap(List::stream).toList();
    }
  }
}
