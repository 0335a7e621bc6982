/** What user code compiles against. */
module dev.martlet {
  exports dev.martlet;
  exports dev.martlet.spi;

  // This finds the core and, since that is an automatic module, all its neighbours. What they need
  // cannot be said by them.
  uses dev.martlet.spi.CloudExecutorProvider;
  uses dev.martlet.spi.ForkJoinProvider;

  requires java.instrument;
  requires java.logging;
  requires java.management;
  requires jdk.management;
  requires jdk.unsupported;
  requires org.slf4j;
  requires static transitive org.jspecify;
}
