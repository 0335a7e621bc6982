package dev.martlet.internal.codec;

/** Leaves the encoder's walk at an object that does not travel. */
final class Refusal extends RuntimeException {
  private static final long serialVersionUID = 1L;

  final transient Object culprit;

  Refusal(Object culprit, String reason) {
    super(reason, null, false, false);
    this.culprit = culprit;
  }
}
