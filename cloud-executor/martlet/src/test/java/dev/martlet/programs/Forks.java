package dev.martlet.programs;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/** Marks a program that is given a fork/join pool, and tells what leaves. */
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.METHOD)
public @interface Forks {
  /** Where its tasks run if all of them are to leave. */
  Where value() default Where.EITHER;

  /** Whether its tasks are heavy enough for the pool to send some by itself. */
  boolean heavy() default false;

  /** Where tasks run. */
  enum Where {
    /** All that are sent run on workers. */
    AWAY,
    /** None can leave. */
    HOME,
    /** Some may have to stay. */
    EITHER
  }
}
