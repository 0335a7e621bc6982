package dev.martlet.programs;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/** Marks a program, and tells what a strict pool makes of it. */
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.METHOD)
public @interface Runs {
  Where value();

  /** Where a program's tasks run. */
  enum Where {
    /** The tasks acquire nothing shared: a strict pool runs all of them on workers. */
    AWAY,
    /** Some task needs live objects: a strict pool refuses it. */
    HOME,
    /** A strict pool may refuse a task, or else gives the right answer. */
    EITHER
  }
}
