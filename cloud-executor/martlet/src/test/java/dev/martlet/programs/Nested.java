package dev.martlet.programs;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Marks a program whose tasks wait for tasks of their own, deeper than the pool is wide. A JDK pool
 * of few threads would hang, so a cached pool is the reference; a Martlet pool must not.
 */
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.METHOD)
public @interface Nested {}
