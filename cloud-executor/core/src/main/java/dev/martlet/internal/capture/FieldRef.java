package dev.martlet.internal.capture;

/** A field, by the internal name of the class that declares it. */
public record FieldRef(String owner, String name, String descriptor) {
  @Override
  public String toString() {
    return JdkCall.simpleName(owner) + '.' + name;
  }
}
