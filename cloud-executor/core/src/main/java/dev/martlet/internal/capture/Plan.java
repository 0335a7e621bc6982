package dev.martlet.internal.capture;

import dev.martlet.internal.codec.Border;
import dev.martlet.internal.codec.GraphEncoder;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.util.Collection;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * How tasks of a site are captured while their graphs hold objects of certain classes only: what
 * their code does, and which fields it never touches.
 */
final class Plan implements Border {
  final Set<Class<?>> types;
  final boolean unbounded;
  final Findings findings;
  final Verdict verdict;
  final Needs needs;
  final AtomicReference<@Nullable GraphEncoder> spare = new AtomicReference<>();
  private final Border tokens;

  /** The site's light tasks, once {@code lightKnown}. */
  @Nullable Light light;

  volatile boolean lightKnown;

  /** What is known if objects are told apart by where they were found, once asked for. */
  volatile @Nullable Plan closer;

  /** Whether that, too, keeps tasks at home. */
  volatile boolean home;

  @Nullable Leads leads;

  Plan(
      ClassLoader loader,
      Set<Class<?>> types,
      boolean unbounded,
      Findings findings,
      Verdict verdict,
      Border tokens) {
    this.needs = new Needs(loader, types, findings.classes());
    this.types = types;
    this.unbounded = unbounded;
    this.findings = findings;
    this.verdict = verdict;
    this.tokens = tokens;
  }

  @Override
  public @Nullable Object replace(Object o) {
    return tokens.replace(o);
  }

  @Override
  public Object resolve(Object token) {
    return tokens.resolve(token);
  }

  @Override
  public boolean keepsLiterals() {
    return findings.comparesReferences();
  }

  @Override
  public boolean staysHome(Field field) {
    if (findings.reflective()
        || field.getDeclaringClass().isHidden()
        || (findings.opaque() && isLight(field.getType()))) {
      return false;
    }
    FieldRef ref =
        new FieldRef(
            field.getDeclaringClass().getName().replace('.', '/'),
            field.getName(),
            field.getType().descriptorString());
    return !findings.fieldsRead().contains(ref) && !findings.fieldsWritten().contains(ref);
  }

  /** Returns whether what unseen code may read is sent along without harm. */
  private static boolean isLight(Class<?> declared) {
    Class<?> type = declared.isArray() ? declared.getComponentType() : declared;
    String p = type.getPackageName();
    boolean container =
        p.equals("java.util")
            && (Collection.class.isAssignableFrom(type) || Map.class.isAssignableFrom(type));
    boolean value = p.equals("java.lang") && Modifier.isFinal(type.getModifiers());
    return type.isPrimitive()
        || type.isEnum()
        || type.isRecord()
        || value
        || container
        || p.equals("java.math")
        || p.equals("java.time");
  }
}
