package dev.martlet.internal.aws;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import software.amazon.awssdk.http.async.AsyncExecuteRequest;
import software.amazon.awssdk.http.async.SdkAsyncHttpClient;
import software.amazon.awssdk.http.nio.netty.NettyNioAsyncHttpClient;
import software.amazon.awssdk.http.nio.netty.SdkEventLoopGroup;
import software.amazon.awssdk.utils.AttributeMap;

/**
 * Connections with a thread of their own. One, since with more of them the SDK now and then forgets
 * who waits for a connection when others fail. Unlike the SDK's it ends without being waited for.
 */
final class Connections implements SdkAsyncHttpClient {
  private final SdkAsyncHttpClient http;
  private final SdkEventLoopGroup thread;
  private final Gate gate;

  private Connections(SdkAsyncHttpClient http, SdkEventLoopGroup thread, int most) {
    this.http = http;
    this.thread = thread;
    this.gate = new Gate(most);
  }

  @Override
  public CompletableFuture<Void> execute(AsyncExecuteRequest request) {
    return gate.pass(() -> http.execute(request));
  }

  @Override
  public String clientName() {
    return http.clientName();
  }

  @Override
  @SuppressWarnings("FutureReturnValueIgnored") // nobody waits
  public void close() {
    http.close();
    thread.eventLoopGroup().shutdownGracefully(1, 5, TimeUnit.SECONDS);
  }

  /**
   * Makes connections for one client of the SDK.
   *
   * @param http how they are to be
   * @param most how many there are at most
   * @param threads makes their thread
   */
  record Builder(NettyNioAsyncHttpClient.Builder http, int most, ThreadFactory threads)
      implements SdkAsyncHttpClient.Builder<Builder> {
    @Override
    public SdkAsyncHttpClient buildWithDefaults(AttributeMap defaults) {
      SdkEventLoopGroup group =
          SdkEventLoopGroup.builder().numberOfThreads(1).threadFactory(threads).build();
      return new Connections(
          http.maxConcurrency(most).eventLoopGroup(group).buildWithDefaults(defaults), group, most);
    }
  }
}
