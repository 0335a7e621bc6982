package dev.martlet.internal.capture;

import dev.martlet.CloudExecutorService;
import dev.martlet.CloudForkJoinPool;
import dev.martlet.internal.codec.Border;
import dev.martlet.internal.codec.CodecException;
import java.lang.invoke.MethodHandle;
import java.lang.reflect.Field;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;

/** What travels by name, seen from the client. */
public final class ClientBorder implements Border {
  private final Supplier<@Nullable CloudExecutorService> pool;
  private final Supplier<@Nullable CloudForkJoinPool> forkJoinPool;

  /**
   * Creates a border.
   *
   * @param pool the pool of the job, which may not exist yet
   * @param forkJoinPool the job's fork/join pool, if it has one
   */
  public ClientBorder(
      Supplier<@Nullable CloudExecutorService> pool,
      Supplier<@Nullable CloudForkJoinPool> forkJoinPool) {
    this.pool = pool;
    this.forkJoinPool = forkJoinPool;
  }

  @Override
  public @Nullable Object replace(Object o) {
    if (o instanceof CloudExecutorService) {
      return Tokens.POOL;
    } else if (o instanceof CloudForkJoinPool) {
      return Tokens.FORK_JOIN_POOL;
    }
    Object member = o instanceof MethodHandle ? Handles.token(o) : Tokens.member(o);
    return member == null ? Tokens.ofLogger(o) : member;
  }

  @Override
  public Object resolve(Object token) {
    if (token.equals(Tokens.POOL)) {
      CloudExecutorService p = pool.get();
      if (p != null) {
        return p;
      }
    }
    if (token.equals(Tokens.FORK_JOIN_POOL)) {
      CloudForkJoinPool p = forkJoinPool.get();
      if (p != null) {
        return p;
      }
    }
    Object future = Tokens.future(token);
    if (future != null) {
      return future;
    }
    Object entry = Tokens.entry(token);
    if (entry != null) {
      return entry;
    }
    Object member = Tokens.member(token, false);
    if (member != null) {
      return member;
    }
    Tokens.LoggerName logger = Tokens.logger(token);
    if (logger == null) {
      throw new CodecException("nothing travels as " + token);
    }
    return logger.slf4j()
        ? LoggerFactory.getLogger(logger.name())
        : java.util.logging.Logger.getLogger(logger.name());
  }

  @Override
  public boolean staysHome(Field field) {
    return false;
  }
}
