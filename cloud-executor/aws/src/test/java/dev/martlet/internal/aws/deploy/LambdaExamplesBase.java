package dev.martlet.internal.aws.deploy;

/** What the examples inherit. */
class LambdaExamplesBase {
  protected String inherited() {
    return "inherited";
  }

  String overridden() {
    return "above";
  }
}
