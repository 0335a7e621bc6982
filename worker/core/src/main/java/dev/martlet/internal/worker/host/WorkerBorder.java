package dev.martlet.internal.worker.host;

import dev.martlet.CloudExecutorService;
import dev.martlet.CloudForkJoinPool;
import dev.martlet.internal.capture.Handles;
import dev.martlet.internal.capture.Tokens;
import dev.martlet.internal.codec.Border;
import dev.martlet.internal.codec.CodecException;
import java.lang.invoke.MethodHandle;
import java.lang.reflect.Field;
import java.util.concurrent.Future;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** What travels by name, seen from the worker: the client's pool is the pool of this call. */
final class WorkerBorder implements Border {
  private final ClassLoader loader;
  private final NestedPool pool;
  private final Supplier<SubtreePool> subtrees;
  private @Nullable Completer completer;

  WorkerBorder(ClassLoader loader, NestedPool pool, Supplier<SubtreePool> subtrees) {
    this.loader = loader;
    this.pool = pool;
    this.subtrees = subtrees;
  }

  /** Returns what stands for the completer of the call's task, if that has come with it. */
  @Nullable Completer completer() {
    return completer;
  }

  @Override
  public @Nullable Object replace(Object o) {
    if (o instanceof CloudExecutorService) {
      return Tokens.POOL;
    } else if (o instanceof CloudForkJoinPool) {
      return Tokens.FORK_JOIN_POOL;
    } else if (o instanceof Future<?> f
        && f.getClass().getName().startsWith("dev.martlet.internal.")) {
      return Tokens.future(f);
    }
    Object member = Tokens.member(o);
    return member == null ? Tokens.ofLogger(o) : member;
  }

  @Override
  @SuppressWarnings("FutureReturnValueIgnored") // a completer is an object like another here
  public Object resolve(Object token) {
    if (token.equals(Tokens.POOL)) {
      return pool;
    } else if (token.equals(Tokens.FORK_JOIN_POOL)) {
      return subtrees.get();
    } else if (token.equals(Tokens.COMPLETER)) {
      Completer c = new Completer();
      completer = c;
      return c;
    }
    Object member = Tokens.member(token, true);
    if (member != null) {
      return member;
    }
    MethodHandle handle = Handles.of(token);
    if (handle != null) {
      return handle;
    }
    Tokens.LoggerName logger = Tokens.logger(token);
    if (logger == null) {
      throw new CodecException("nothing travels as " + token);
    }
    return Loggers.logger(logger, loader);
  }

  @Override
  public boolean staysHome(Field field) {
    return false;
  }
}
