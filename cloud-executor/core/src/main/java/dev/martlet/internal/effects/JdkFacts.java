package dev.martlet.internal.effects;

import java.util.Map;

/**
 * What is known of the JDK's types, as text; {@link JdkTable} reads and explains it.
 *
 * <p>The operations are listed by package. {@code shared} opens a group of classes whose instances
 * are thread-safe shared state, {@code type} a group of other types that such a class may implement
 * or extend, {@code wrapper} a group of classes that pass calls on to an object which may be
 * shared. The indented lines list the methods of every type of the group by {@link Operation}:
 * {@code name}, {@code name/arity} or {@code name(parameters}. {@code chain} is a release that
 * answers with its receiver. What is not listed is looked up in the supertypes, the nearest first,
 * and is an acquire if they do not list it either.
 */
final class JdkFacts {
  private JdkFacts() {}

  static final Map<String, String> OPERATIONS =
      Map.of(
          "java/lang",
          """
          type Object
            neutral <init> getClass
            signal notify notifyAll
            wait wait
          type Runnable Iterable Number CharSequence AutoCloseable
          type Appendable
            chain append
          shared StringBuffer
            neutral equals hashCode
            chain append appendCodePoint
          shared Thread
            neutral equals hashCode getId threadId isVirtual
            signal interrupt
            wait join
          """,
          "java/io",
          """
          shared ByteArrayOutputStream CharArrayWriter StringWriter PrintStream PrintWriter
            neutral equals hashCode
            release write writeBytes print println flush
            chain append printf format
          type OutputStream Writer
            release write flush
            chain append
          type InputStream Reader Closeable Flushable
          """,
          "java/util",
          """
          type Collection
            release add/1 addAll/1 remove(Ljava/lang/Object;) removeAll retainAll clear
          type SequencedCollection List
            release set addFirst addLast
          type Set SortedSet NavigableSet SequencedSet
          type Queue
            release offer/1
          type Deque
            release push offerFirst/1 offerLast/1 addFirst addLast \
              removeFirstOccurrence removeLastOccurrence
          type AbstractCollection AbstractList AbstractSet AbstractQueue
          type Map AbstractMap SortedMap NavigableMap SequencedMap Dictionary
            release put putAll putIfAbsent remove/1 remove/2 replace/2 replace/3 \
              merge compute computeIfAbsent computeIfPresent clear
          type Map$Entry Iterator ListIterator Enumeration Spliterator PrimitiveIterator RandomAccess
          shared Vector
            release addElement setElementAt removeElement removeAllElements ensureCapacity trimToSize
          shared Stack
            release push
          shared Hashtable Properties
            release setProperty
          shared Timer Observable
            neutral equals hashCode
          shared Collections$SynchronizedCollection Collections$SynchronizedList \
              Collections$SynchronizedRandomAccessList Collections$SynchronizedSet \
              Collections$SynchronizedSortedSet Collections$SynchronizedNavigableSet \
              Collections$SynchronizedMap Collections$SynchronizedSortedMap \
              Collections$SynchronizedNavigableMap
          wrapper Collections$SetFromMap Collections$SequencedSetFromMap Collections$AsLIFOQueue \
              Collections$UnmodifiableCollection Collections$UnmodifiableSequencedCollection \
              Collections$UnmodifiableSet Collections$UnmodifiableSequencedSet \
              Collections$UnmodifiableSortedSet Collections$UnmodifiableNavigableSet \
              Collections$UnmodifiableList Collections$UnmodifiableRandomAccessList \
              Collections$UnmodifiableMap Collections$UnmodifiableSequencedMap \
              Collections$UnmodifiableSortedMap Collections$UnmodifiableNavigableMap \
              Collections$CheckedCollection Collections$CheckedQueue Collections$CheckedSet \
              Collections$CheckedSortedSet Collections$CheckedNavigableSet Collections$CheckedList \
              Collections$CheckedRandomAccessList Collections$CheckedMap \
              Collections$CheckedSortedMap Collections$CheckedNavigableMap ReverseOrderListView \
              ReverseOrderListView$Rand ReverseOrderDequeView ReverseOrderSortedSetView \
              ReverseOrderSortedMapView
          """,
          "java/util/concurrent/atomic",
          """
          shared AtomicInteger AtomicLong AtomicIntegerArray AtomicLongArray
            neutral equals hashCode length
            release set lazySet setPlain setOpaque setRelease \
              getAndSet getAndIncrement getAndDecrement getAndAdd getAndUpdate getAndAccumulate \
              incrementAndGet decrementAndGet addAndGet updateAndGet accumulateAndGet \
              compareAndSet weakCompareAndSet weakCompareAndSetPlain weakCompareAndSetVolatile \
              weakCompareAndSetAcquire weakCompareAndSetRelease
          shared AtomicBoolean AtomicReference AtomicReferenceArray
            neutral equals hashCode length
            signal set lazySet setPlain setOpaque setRelease \
              getAndSet getAndUpdate getAndAccumulate updateAndGet accumulateAndGet \
              compareAndSet weakCompareAndSet weakCompareAndSetPlain weakCompareAndSetVolatile \
              weakCompareAndSetAcquire weakCompareAndSetRelease
          shared AtomicMarkableReference AtomicStampedReference
            neutral equals hashCode
            signal set compareAndSet weakCompareAndSet attemptMark attemptStamp
          shared LongAdder DoubleAdder LongAccumulator DoubleAccumulator
            neutral equals hashCode
            release add increment decrement accumulate reset
          """,
          "java/util/concurrent/locks",
          """
          type Lock
            wait lock lockInterruptibly tryLock/2
          type ReadWriteLock
            neutral readLock writeLock
          type Condition
            wait await awaitNanos awaitUninterruptibly awaitUntil
          shared ReentrantLock ReentrantReadWriteLock$ReadLock ReentrantReadWriteLock$WriteLock
            neutral equals hashCode isFair
            wait lock lockInterruptibly tryLock/2
          shared ReentrantReadWriteLock
            neutral equals hashCode isFair readLock writeLock
          shared StampedLock
            neutral equals hashCode asReadLock asWriteLock asReadWriteLock isWriteLockStamp \
              isReadLockStamp isLockStamp isOptimisticReadStamp
            wait writeLock writeLockInterruptibly readLock readLockInterruptibly \
              tryWriteLock/2 tryReadLock/2
          type AbstractOwnableSynchronizer
          shared AbstractQueuedSynchronizer AbstractQueuedLongSynchronizer
            neutral equals hashCode
            wait acquire acquireInterruptibly acquireShared acquireSharedInterruptibly \
              tryAcquireNanos tryAcquireSharedNanos
          shared AbstractQueuedSynchronizer$ConditionObject AbstractQueuedLongSynchronizer$ConditionObject
            neutral equals hashCode
          shared LockSupport
            neutral parkNanos parkUntil
            signal unpark
            wait park
          """,
          "java/util/concurrent",
          """
          type Executor ExecutorService ScheduledExecutorService AbstractExecutorService
            wait invokeAll invokeAny awaitTermination close
          shared ThreadPoolExecutor ScheduledThreadPoolExecutor ForkJoinPool
            neutral equals hashCode
            wait invoke awaitQuiescence
          shared ExecutorCompletionService
            neutral equals hashCode
            wait take poll/2
          type CompletionService
            wait take poll/2
          type Future RunnableFuture ScheduledFuture RunnableScheduledFuture Delayed
            signal cancel
            wait get
          type CompletionStage
          shared CompletableFuture
            neutral equals hashCode
            signal complete completeExceptionally cancel
            wait get join
          shared FutureTask
            neutral equals hashCode
            signal cancel
            wait get run
          shared ForkJoinTask
            neutral equals hashCode
            release setForkJoinTaskTag
            signal complete completeExceptionally quietlyComplete cancel trySetThrown trySetCancelled
            wait get join invoke invokeAll quietlyJoin quietlyInvoke quietlyJoinUninterruptibly \
              helpQuiesce
          shared RecursiveTask RecursiveAction
          shared CountedCompleter
            release setPendingCount
            wait helpComplete
          shared CountDownLatch
            neutral equals hashCode
            signal countDown
            wait await
          shared CyclicBarrier
            neutral equals hashCode getParties
            wait await
          shared Semaphore
            neutral equals hashCode isFair
            signal release
            wait acquire acquireUninterruptibly tryAcquire(J tryAcquire(IJ
          shared Phaser
            neutral equals hashCode getParent getRoot
            signal arrive arriveAndDeregister
            wait arriveAndAwaitAdvance awaitAdvance awaitAdvanceInterruptibly register bulkRegister
          shared Exchanger
            neutral equals hashCode
            wait exchange
          shared SubmissionPublisher
            neutral equals hashCode getExecutor getMaxBufferCapacity
            wait submit offer
          type ConcurrentMap ConcurrentNavigableMap
          shared ConcurrentHashMap ConcurrentSkipListMap
          shared ConcurrentHashMap$KeySetView
            neutral getMappedValue getMap
          shared ConcurrentSkipListSet CopyOnWriteArraySet
          shared CopyOnWriteArrayList
            release addIfAbsent addAllAbsent
          shared ConcurrentLinkedQueue ConcurrentLinkedDeque
            neutral equals hashCode
          type BlockingQueue TransferQueue
            neutral equals hashCode
            acquire add addAll
            signal offer/1
            wait put take offer/3 poll/2 transfer tryTransfer/3
          type BlockingDeque
            neutral equals hashCode
            acquire add addAll addFirst addLast push
            signal offer/1 offerFirst/1 offerLast/1
            wait put putFirst putLast take takeFirst takeLast \
              offer/3 offerFirst/3 offerLast/3 poll/2 pollFirst/2 pollLast/2
          shared ArrayBlockingQueue LinkedBlockingQueue LinkedBlockingDeque
            neutral equals hashCode
          shared SynchronousQueue
            neutral equals hashCode
            acquire offer/1
          shared PriorityBlockingQueue DelayQueue LinkedTransferQueue
            neutral equals hashCode
            signal add/1 addAll/1 offer put
          """);

  /** What an unbounded linked blocking queue may do that a bounded one may not. */
  static final Map<String, String> UNBOUNDED =
      Map.of(
          "java/util/concurrent",
          """
          type LinkedBlockingQueue LinkedBlockingDeque
            signal add/1 addAll/1 put offer addFirst addLast push putFirst putLast offerFirst offerLast
          """);

  /** Calls that the world outside the JVM notices: repeating them is not harmless. */
  static final String EXTERNAL =
      """
      java/io/FileOutputStream java/io/FileWriter java/io/RandomAccessFile *
      java/io/PrintStream java/io/PrintWriter <init>(Ljava/lang/String; <init>(Ljava/io/File;
      java/util/Formatter <init>(Ljava/lang/String; <init>(Ljava/io/File;
      java/io/File delete deleteOnExit mkdir mkdirs renameTo createNewFile createTempFile \
        setLastModified setReadOnly setWritable setReadable setExecutable
      java/nio/file/Files write writeString copy move delete deleteIfExists newOutputStream \
        newBufferedWriter newByteChannel createFile createDirectory createDirectories \
        createTempFile createTempDirectory createLink createSymbolicLink setAttribute \
        setLastModifiedTime setOwner setPosixFilePermissions
      java/nio/file/spi/FileSystemProvider java/nio/file/FileSystems newFileSystem
      java/nio/channels/ *
      java/net/Socket java/net/ServerSocket java/net/DatagramSocket java/net/MulticastSocket *
      java/net/URL openConnection openStream getContent
      java/net/URLConnection java/net/HttpURLConnection java/net/JarURLConnection *
      javax/net/ java/net/http/ *
      java/net/InetAddress isReachable
      java/lang/Runtime exec load loadLibrary addShutdownHook
      java/lang/System load loadLibrary
      java/lang/ProcessBuilder start startPipeline
      java/lang/Process java/lang/ProcessHandle *
      java/awt/Desktop java/awt/Robot java/awt/SystemTray javax/print/ javax/sound/ *
      javax/imageio/ImageIO write
      java/sql/DriverManager java/sql/Driver java/sql/Connection java/sql/Statement \
        java/sql/PreparedStatement java/sql/CallableStatement java/sql/ResultSet javax/sql/ *
      java/rmi/ javax/naming/ java/util/prefs/ javax/management/remote/ *
      java/util/logging/FileHandler java/util/logging/SocketHandler *
      """;

  /** Access to fields behind the back of whoever watches the byte code. */
  static final String REFLECTIVE =
      """
      java/lang/reflect/Field get getBoolean getByte getChar getShort getInt getLong getFloat \
        getDouble set setBoolean setByte setChar setShort setInt setLong setFloat setDouble
      java/lang/invoke/MethodHandles$Lookup findVirtual findStatic findConstructor findSpecial \
        findGetter findSetter findVarHandle findStaticGetter findStaticSetter findStaticVarHandle \
        bind unreflect unreflectSpecial unreflectConstructor unreflectGetter unreflectSetter \
        unreflectVarHandle
      java/lang/invoke/VarHandle sun/misc/ jdk/internal/ *
      java/lang/invoke/MethodHandles arrayElementVarHandle arrayElementGetter arrayElementSetter
      java/io/ObjectOutputStream writeObject writeUnshared defaultWriteObject
      java/io/ObjectInputStream readObject readUnshared defaultReadObject
      java/util/concurrent/atomic/AtomicIntegerFieldUpdater \
        java/util/concurrent/atomic/AtomicLongFieldUpdater \
        java/util/concurrent/atomic/AtomicReferenceFieldUpdater *
      java/beans/ *
      """;

  /** Calls that run code which the call site does not name. */
  static final String OPAQUE =
      """
      java/lang/Class forName newInstance
      java/lang/ClassLoader loadClass defineClass findClass
      java/lang/reflect/Method invoke
      java/lang/reflect/Constructor newInstance
      java/lang/reflect/Proxy newProxyInstance
      java/lang/invoke/MethodHandle invoke invokeExact invokeWithArguments
      java/lang/invoke/MethodHandleProxies java/lang/invoke/LambdaMetafactory *
      java/lang/invoke/MethodHandles$Lookup defineClass defineHiddenClass \
        defineHiddenClassWithClassData
      java/util/ServiceLoader javax/script/ *
      """;

  /** Calls that depend on what a program may have set for its whole JVM, by what that is. */
  static final String SETTINGS =
      """
      security java/security/ javax/crypto/ javax/net/ssl/
      drivers java/sql/DriverManager *
      network java/net/URL java/net/URLConnection java/net/HttpURLConnection \
        java/net/JarURLConnection java/net/Authenticator java/net/CookieHandler \
        java/net/ProxySelector java/net/ResponseCache javax/net/ssl/HttpsURLConnection \
        javax/net/ssl/SSLContext java/net/http/HttpClient *
      handler java/lang/Thread start getDefaultUncaughtExceptionHandler \
        getUncaughtExceptionHandler
      properties java/lang/System getProperties
      exit java/io/File deleteOnExit java/lang/Runtime addShutdownHook
      """;

  /** Calls after which a thread may run on. */
  static final String THREADS =
      """
      java/lang/Thread start startVirtualThread
      java/lang/Thread$Builder java/lang/Thread$Builder$OfPlatform \
        java/lang/Thread$Builder$OfVirtual start
      java/lang/Runtime addShutdownHook
      java/lang/ref/Cleaner create
      java/util/Timer <init>
      java/util/concurrent/Executors newCachedThreadPool newFixedThreadPool \
        newScheduledThreadPool newSingleThreadExecutor newSingleThreadScheduledExecutor \
        newThreadPerTaskExecutor newVirtualThreadPerTaskExecutor newWorkStealingPool
      java/util/concurrent/ThreadPoolExecutor java/util/concurrent/ScheduledThreadPoolExecutor \
        java/util/concurrent/ForkJoinPool java/util/concurrent/SubmissionPublisher <init>
      java/util/concurrent/ForkJoinPool commonPool
      java/util/concurrent/CompletableFuture runAsync supplyAsync thenApplyAsync thenAcceptAsync \
        thenRunAsync thenCombineAsync thenAcceptBothAsync runAfterBothAsync applyToEitherAsync \
        acceptEitherAsync runAfterEitherAsync thenComposeAsync handleAsync whenCompleteAsync \
        exceptionallyAsync exceptionallyComposeAsync completeAsync orTimeout completeOnTimeout \
        delayedExecutor
      java/util/concurrent/CompletionStage thenApplyAsync thenAcceptAsync thenRunAsync \
        thenCombineAsync thenAcceptBothAsync runAfterBothAsync applyToEitherAsync \
        acceptEitherAsync runAfterEitherAsync thenComposeAsync handleAsync whenCompleteAsync \
        exceptionallyAsync exceptionallyComposeAsync
      java/net/http/HttpClient newHttpClient newBuilder
      java/net/http/HttpClient$Builder build
      """;

  /**
   * Calls that return a thread that may have inherited nothing, or a future of another's thread.
   */
  static final String STARTED =
      """
      java/lang/Thread startVirtualThread
      java/lang/Thread$Builder java/lang/Thread$Builder$OfPlatform \
        java/lang/Thread$Builder$OfVirtual start
      java/util/concurrent/CompletableFuture orTimeout completeOnTimeout
      java/net/http/HttpClient sendAsync
      """;

  /** JDK methods that read the contents of arguments which are declared as objects. */
  static final String READ_OBJECTS =
      """
      java/lang/String valueOf format formatted join
      java/lang/StringBuilder java/lang/StringBuffer append insert
      java/util/Objects toString hash hashCode equals deepEquals
      java/util/Arrays toString deepToString hashCode deepHashCode equals deepEquals
      java/io/PrintStream java/io/PrintWriter print println printf format
      java/util/Formatter format
      java/text/MessageFormat format
      java/io/ObjectOutputStream writeObject writeUnshared
      java/lang/Iterable java/util/Collection java/util/List java/util/Map java/util/Set \
        java/lang/Object equals
      java/util/concurrent/CompletableFuture allOf anyOf
      """;

  /** JDK methods that keep a reference to a container argument and do not look inside. */
  static final String KEEP_ARGUMENT =
      """
      java/util/Collections synchronizedCollection synchronizedList synchronizedSet \
        synchronizedSortedSet synchronizedNavigableSet synchronizedMap synchronizedSortedMap \
        synchronizedNavigableMap unmodifiableCollection unmodifiableList unmodifiableSet \
        unmodifiableSortedSet unmodifiableNavigableSet unmodifiableMap unmodifiableSortedMap \
        unmodifiableNavigableMap checkedCollection checkedList checkedSet checkedMap \
        newSequencedSetFromMap unmodifiableSequencedCollection unmodifiableSequencedSet \
        unmodifiableSequencedMap
      java/lang/Thread <init>
      java/util/concurrent/FutureTask <init>
      """;
}
