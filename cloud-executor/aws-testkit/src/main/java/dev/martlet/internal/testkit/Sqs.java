package dev.martlet.internal.testkit;

import org.elasticmq.rest.sqs.SQSRestServer;
import org.elasticmq.rest.sqs.SQSRestServerBuilder;

/** An ElasticMQ in this JVM. */
public final class Sqs implements AutoCloseable {
  private final SQSRestServer server;
  private final int port;

  public Sqs() {
    server =
        SQSRestServerBuilder.withInterface("127.0.0.1")
            .withDynamicPort()
            .withAWSRegion("eu-west-1")
            .start();
    port = server.waitUntilStarted().localAddress().getPort();
  }

  public int port() {
    return port;
  }

  @Override
  public void close() {
    var unused = server.stopAndWait();
  }
}
