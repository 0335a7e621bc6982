package dev.martlet.internal.worker.host;

import dev.martlet.CloudExecutorService;
import dev.martlet.internal.capture.Tokens;
import dev.martlet.internal.codec.Border;
import dev.martlet.internal.codec.CodecException;
import java.lang.reflect.Field;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;

/** What travels by name, seen from the worker: the client's pool is the pool of this call. */
final class WorkerBorder implements Border {
  private final ClassLoader loader;
  private final NestedPool pool;

  WorkerBorder(ClassLoader loader, NestedPool pool) {
    this.loader = loader;
    this.pool = pool;
  }

  @Override
  public @Nullable Object replace(Object o) {
    if (o instanceof CloudExecutorService) {
      return Tokens.POOL;
    } else if (o instanceof Future<?> f
        && f.getClass().getName().startsWith("dev.martlet.internal.")) {
      return Tokens.future(f);
    }
    Object member = Tokens.member(o);
    return member == null ? Tokens.ofLogger(o) : member;
  }

  @Override
  public Object resolve(Object token) {
    if (token.equals(Tokens.POOL)) {
      return pool;
    }
    Object member = Tokens.member(token, true);
    if (member != null) {
      return member;
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
