package dev.martlet.internal.codec;

import java.io.FilterInputStream;
import java.io.FilterOutputStream;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.Reader;
import java.io.Writer;
import java.lang.ref.SoftReference;
import java.lang.ref.WeakReference;
import java.lang.reflect.Field;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.MathContext;
import java.net.URI;
import java.nio.Buffer;
import java.nio.ByteOrder;
import java.security.MessageDigestSpi;
import java.util.ArrayList;
import java.util.Enumeration;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.Spliterator;
import java.util.UUID;
import java.util.zip.Checksum;
import java.util.zip.ZipEntry;
import org.jspecify.annotations.Nullable;

/** What is known about the JDK's types: which do not travel, which fields are left out, and why. */
final class TypeTable {
  static final Set<Class<?>> BOXED =
      Set.of(
          Integer.class,
          Long.class,
          Short.class,
          Byte.class,
          Character.class,
          Boolean.class,
          Float.class,
          Double.class);

  /** Why what is bound to threads does not travel. */
  static final String OF_THREADS = "belongs to the threads of this JVM";

  // By name, since to load them all takes a new JVM long.
  private static final Map<String, String> REFUSED = refused();
  private static final Class<?> SUPPLIED = ThreadLocal.withInitial(() -> null).getClass();

  /** What is behind the proxy that an annotation is. */
  private static final String ANNOTATION = "sun.reflect.annotation.AnnotationInvocationHandler";

  /** Fields that belong to a JVM or a thread: waiting threads, owners, caches, scratch space. */
  private static final Map<String, Set<String>> LEFT_OUT =
      Map.ofEntries(
          Map.entry("java.lang.Throwable", Set.of("backtrace")),
          Map.entry(ANNOTATION, Set.of("memberMethods")),
          Map.entry(
              "java.util.concurrent.locks.AbstractOwnableSynchronizer",
              Set.of("exclusiveOwnerThread")),
          Map.entry(
              "java.util.concurrent.locks.AbstractQueuedSynchronizer", Set.of("head", "tail")),
          Map.entry(
              "java.util.concurrent.locks.AbstractQueuedLongSynchronizer", Set.of("head", "tail")),
          Map.entry(
              "java.util.concurrent.locks.AbstractQueuedSynchronizer$ConditionObject",
              Set.of("firstWaiter", "lastWaiter")),
          Map.entry(
              "java.util.concurrent.locks.AbstractQueuedLongSynchronizer$ConditionObject",
              Set.of("firstWaiter", "lastWaiter")),
          Map.entry("java.lang.ref.Reference", Set.of("next", "discovered")),
          Map.entry("java.util.ResourceBundle", Set.of("cacheKey")),
          Map.entry("java.text.RuleBasedCollator", Set.of("sourceCursor", "targetCursor")),
          Map.entry("java.awt.Image", Set.of("surfaceManager")),
          Map.entry("java.awt.image.BufferedImage", Set.of("osis")),
          Map.entry("sun.java2d.StateTrackableDelegate", Set.of("theTracker")),
          Map.entry("java.util.concurrent.CompletableFuture", Set.of("stack")),
          Map.entry("java.util.concurrent.FutureTask", Set.of("runner", "waiters")),
          Map.entry("java.text.DigitList", Set.of("tempBuffer")),
          Map.entry("java.util.concurrent.ForkJoinTask", Set.of("aux")),
          Map.entry("java.util.concurrent.DelayQueue", Set.of("leader")),
          Map.entry("java.util.HashMap$Node", Set.of("next")),
          Map.entry("java.util.LinkedHashMap$Entry", Set.of("before", "after")),
          Map.entry("java.util.HashMap$TreeNode", Set.of("parent", "left", "right", "prev", "red")),
          Map.entry("java.util.Hashtable$Entry", Set.of("next")),
          Map.entry("java.util.TreeMap$Entry", Set.of("left", "right", "parent")));

  private static final Set<String> PACKAGES =
      Set.of(
          "java.lang",
          "java.lang.ref",
          "java.util",
          "java.util.concurrent",
          "java.util.concurrent.atomic",
          "java.util.concurrent.locks",
          "java.util.function",
          "java.util.stream",
          "java.util.regex",
          "java.util.random",
          "java.util.zip",
          "java.math",
          "java.text",
          "java.time",
          "java.time.chrono",
          "java.time.format",
          "java.time.temporal",
          "java.time.zone",
          "java.net",
          "java.io",
          "java.nio",
          "java.nio.file",
          "java.nio.file.attribute",
          "sun.util.calendar",
          "sun.util.locale",
          "sun.util",
          "jdk.internal.util.random",
          "jdk.random",
          "jdk.internal.random",
          "sun.text",
          "jdk.internal.math",
          "jdk.internal.util",
          "java.sql",
          "java.util.jar",
          "java.lang.annotation",
          "java.awt.geom",
          "java.awt.image",
          "sun.awt.geom",
          "java.security.spec",
          "javax.crypto.spec",
          "com.sun.org.apache.xerces.internal.dom");

  /** Single classes of other packages, with those nested in them. */
  private static final Set<String> CLASSES =
      Set.of(
          "java.awt.AlphaComposite",
          "java.awt.BasicStroke",
          "java.awt.Color",
          "java.awt.Dimension",
          "java.awt.Image",
          "java.awt.Insets",
          "java.awt.Point",
          "java.awt.Polygon",
          "java.awt.Rectangle",
          "java.awt.color.ColorSpace",
          "java.nio.charset.CoderResult",
          "java.nio.charset.CodingErrorAction",
          "java.util.logging.Level",
          "java.security.KeyPair",
          "sun.awt.image.ByteBandedRaster",
          "sun.awt.image.ByteComponentRaster",
          "sun.awt.image.ByteInterleavedRaster",
          "sun.awt.image.BytePackedRaster",
          "sun.awt.image.IntegerComponentRaster",
          "sun.awt.image.IntegerInterleavedRaster",
          "sun.awt.image.ShortBandedRaster",
          "sun.awt.image.ShortComponentRaster",
          "sun.awt.image.ShortInterleavedRaster",
          "sun.awt.image.SunWritableRaster",
          "sun.java2d.StateTrackableDelegate");

  /** Those of java.io whose whole state is memory, or another stream. */
  private static final Set<String> MEMORY_STREAMS =
      Set.of(
          "ByteArrayInputStream",
          "ByteArrayOutputStream",
          "StringReader",
          "StringWriter",
          "CharArrayReader",
          "CharArrayWriter",
          "BufferedReader",
          "BufferedWriter",
          "BufferedInputStream",
          "BufferedOutputStream",
          "DataInputStream",
          "DataOutputStream",
          "PrintWriter",
          "SequenceInputStream",
          "PushbackReader",
          "PushbackInputStream",
          "LineNumberReader",
          "StringBufferInputStream");

  private TypeTable() {}

  static Set<String> fieldsLeftOut(Class<?> declaring) {
    return Jdk.isJdk(declaring) ? LEFT_OUT.getOrDefault(declaring.getName(), Set.of()) : Set.of();
  }

  static boolean isSynchronizer(Class<?> type) {
    for (Class<?> c = type; c != null; c = c.getSuperclass()) {
      if (c.getName().startsWith("java.util.concurrent.") && Jdk.isJdk(c)) {
        return !c.isEnum() && !Throwable.class.isAssignableFrom(c);
      }
    }
    return false;
  }

  static boolean isValue(Class<?> type) {
    String p = type.getPackageName();
    return Jdk.isJdk(type)
        && !type.isHidden()
        && (p.equals("java.time")
            || p.equals("java.time.chrono")
            || type == BigInteger.class
            || type == BigDecimal.class
            || type == MathContext.class
            || type == UUID.class
            || type == URI.class
            || type == StackTraceElement.class
            || type == Object.class);
  }

  /** Returns whether every value of a declared type is a value without parts. */
  static boolean isPlain(Class<?> declared) {
    return declared == String.class
        || declared == Class.class
        || BOXED.contains(declared)
        || (Modifier.isFinal(declared.getModifiers())
            && (isValue(declared) || Enum.class.isAssignableFrom(declared)));
  }

  /** Returns whether instances are thread-locals that travel, together with their values. */
  static boolean isLocal(Class<?> type) {
    Class<?> c = type;
    while (c != null && !Jdk.isJdk(c)) {
      c = c.getSuperclass();
    }
    return c == ThreadLocal.class || c == SUPPLIED;
  }

  /** Returns why instances of a class do not travel, or null if they do. */
  static @Nullable String refusal(Class<?> type) {
    if (ThreadLocal.class.isAssignableFrom(type) && !isLocal(type)) {
      return OF_THREADS;
    }
    Set<String> types = new HashSet<>();
    addJdkTypes(type, types);
    for (Map.Entry<String, String> e : REFUSED.entrySet()) {
      if (types.contains(e.getKey()) && !isMemoryStream(type) && !isReference(type)) {
        return e.getValue();
      }
    }
    for (Class<?> c = type; c != null && c != Object.class; c = c.getSuperclass()) {
      String no = Jdk.isJdk(c) ? refusalOfJdk(c, type) : refusalOfCode(c);
      if (no != null) {
        return no;
      }
    }
    return null;
  }

  /** Adds those types of the JDK that a class is an instance of. */
  private static void addJdkTypes(@Nullable Class<?> type, Set<String> to) {
    for (Class<?> c = type; c != null; c = c.getSuperclass()) {
      if (!Jdk.isJdk(c) || to.add(c.getName())) {
        for (Class<?> i : c.getInterfaces()) {
          addJdkTypes(i, to);
        }
      }
    }
  }

  /** Returns whether instances are weak or soft references, or the queue of those without one. */
  private static boolean isReference(Class<?> type) {
    Class<?> c = ofJdk(type);
    return c == WeakReference.class
        || c == SoftReference.class
        || c.getName().equals("java.lang.ref.ReferenceQueue$Null");
  }

  private static Class<?> ofJdk(Class<?> type) {
    Class<?> c = type;
    while (!Jdk.isJdk(c)) {
      c = c.getSuperclass();
    }
    return c;
  }

  private static boolean isMemoryStream(Class<?> type) {
    Class<?> c = ofJdk(type);
    if (!c.getPackageName().equals("java.io")) {
      return false;
    }
    Class<?> nest = c.getNestHost(); // Reader.of, InputStream.nullInputStream and the like
    return MEMORY_STREAMS.contains(c.getSimpleName())
        || nest == Reader.class
        || nest == Writer.class
        || nest == InputStream.class
        || nest == OutputStream.class
        || c == FilterInputStream.class
        || c == FilterOutputStream.class;
  }

  private static @Nullable String refusalOfJdk(Class<?> c, Class<?> type) {
    String name = c.getName();
    String p = c.getPackageName();
    if (Throwable.class.isAssignableFrom(c) || c.isInterface()) {
      return null;
    }
    if (name.equals(ANNOTATION)) {
      return null;
    }
    if (MessageDigestSpi.class.isAssignableFrom(c)
        && (p.equals("java.security") || p.equals("sun.security.provider"))) {
      return null;
    }
    if (!PACKAGES.contains(p) && !CLASSES.contains(c.getNestHost().getName())) {
      return p.startsWith("java.awt")
          ? "belongs to the desktop of this machine"
          : "is of a JDK type that is not known to be safe to copy";
    }
    if (p.equals("java.lang") && name.startsWith("java.lang.Process")) {
      return "is a process of this machine";
    }
    if (c == type && isNodeIterator(c)) {
      return "is an iterator into a table that is built anew elsewhere";
    }
    if (p.equals("java.nio")) {
      boolean heap =
          Buffer.class.isAssignableFrom(c) && !name.contains("Direct") && !name.contains("Mapped");
      return heap || c == ByteOrder.class ? null : "has memory outside the heap";
    }
    if (p.equals("java.util.zip") && !Checksum.class.isAssignableFrom(c)) {
      return c == ZipEntry.class ? null : "has native state";
    }
    return null;
  }

  private static boolean isNodeIterator(Class<?> c) {
    String name = c.getName();
    boolean iterates =
        Iterator.class.isAssignableFrom(c)
            || Enumeration.class.isAssignableFrom(c)
            || Spliterator.class.isAssignableFrom(c);
    return iterates
        && (name.startsWith("java.util.HashMap$")
            || name.startsWith("java.util.LinkedHashMap$")
            || name.startsWith("java.util.Hashtable$")
            || name.startsWith("java.util.IdentityHashMap$")
            || name.startsWith("java.util.TreeMap$")
            || name.startsWith("java.util.LinkedList$")
            || name.startsWith("java.util.ImmutableCollections$SetN")
            || name.startsWith("java.util.ImmutableCollections$MapN")
            || (name.startsWith("java.util.concurrent.")
                && !name.startsWith("java.util.concurrent.CopyOnWrite")));
  }

  private static @Nullable String refusalOfCode(Class<?> c) {
    boolean finalizer = false;
    Method[] methods = {};
    try {
      methods = Jdk.methods(c);
    } catch (LinkageError e) {
      // A signature names a class that is not there, so native methods cannot be seen.
      finalizer = Jdk.hasFinalizer(c);
    }
    for (Method m : methods) {
      finalizer |= m.getName().equals("finalize") && m.getParameterCount() == 0;
      if (Modifier.isNative(m.getModifiers()) && !Modifier.isStatic(m.getModifiers())) {
        return "has native methods (" + c.getName() + ")";
      }
    }
    return finalizer ? "has a finalizer (" + c.getName() + ")" : null;
  }

  /** Returns why the fields of a class cannot be read, or null if they can. */
  static @Nullable String unresolved(Class<?> type) {
    for (Class<?> c = type; c != null && !Jdk.isJdk(c); c = c.getSuperclass()) {
      try {
        Field[] unused = Jdk.fields(c);
      } catch (LinkageError e) {
        return "has a field whose type is not there (" + c.getName() + ": " + e + ")";
      }
    }
    return null;
  }

  private static Map<String, String> refused() {
    List<String[]> rows = new ArrayList<>();
    rows.add(new String[] {"is a thread of this JVM", "java.lang.Thread", "java.lang.ThreadGroup"});
    rows.add(
        new String[] {
          OF_THREADS,
          "java.util.Timer",
          "java.util.TimerTask",
          "java.util.concurrent.Executor",
          "java.util.concurrent.Exchanger",
          "java.util.concurrent.Flow$Subscription",
          "java.util.concurrent.SubmissionPublisher"
        });
    rows.add(
        new String[] {
          "belongs to the classes of this JVM",
          "java.lang.ClassLoader",
          "java.lang.Module",
          "java.lang.ModuleLayer",
          "java.lang.invoke.MethodHandle",
          "java.lang.invoke.VarHandle",
          "java.lang.invoke.MethodType",
          "java.lang.invoke.CallSite",
          "java.lang.invoke.MethodHandles$Lookup",
          "java.lang.reflect.AccessibleObject",
          "java.lang.reflect.Parameter",
          "java.lang.ClassValue",
          "java.lang.Package",
          "java.lang.Runtime",
          "java.lang.StackWalker",
          "java.lang.ref.Reference",
          "java.lang.ref.ReferenceQueue",
          "java.lang.ref.Cleaner",
          "java.lang.ref.Cleaner$Cleanable",
          "java.util.ServiceLoader"
        });
    rows.add(
        new String[] {
          "is open on this machine",
          "java.io.InputStream",
          "java.io.OutputStream",
          "java.io.Reader",
          "java.io.Writer",
          "java.io.RandomAccessFile",
          "java.io.FileDescriptor",
          "java.io.Console",
          "java.nio.channels.Channel",
          "java.nio.channels.Selector",
          "java.nio.channels.SelectionKey",
          "java.nio.file.WatchService",
          "java.nio.file.FileSystem",
          "java.nio.file.DirectoryStream",
          "java.net.Socket",
          "java.net.ServerSocket",
          "java.net.DatagramSocket",
          "java.net.URLConnection",
          "java.net.NetworkInterface",
          "java.net.URLStreamHandler",
          "java.net.CookieHandler",
          "java.net.ProxySelector",
          "java.net.Authenticator",
          "java.lang.Process",
          "java.lang.ProcessHandle",
          "java.lang.ProcessBuilder",
          "java.util.logging.Handler",
          "java.util.zip.ZipFile",
          "java.util.zip.Inflater",
          "java.util.zip.Deflater",
          "java.sql.Connection",
          "java.sql.Statement",
          "java.sql.ResultSet",
          "javax.sql.DataSource",
          "java.net.http.HttpClient"
        });
    rows.add(
        new String[] {
          "is a pipeline that can be run only once, here",
          "java.util.stream.BaseStream",
          "java.util.stream.AbstractPipeline"
        });
    rows.add(
        new String[] {
          "has state that must not be copied",
          "java.security.SecureRandom",
          "java.security.Provider"
        });
    Map<String, String> all = new LinkedHashMap<>();
    for (String[] row : rows) {
      for (int i = 1; i < row.length; i++) {
        all.put(row[i], row[0]);
      }
    }
    return all;
  }
}
