package dev.martlet.internal.aws;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import software.amazon.awssdk.http.async.AsyncExecuteRequest;
import software.amazon.awssdk.http.async.SdkAsyncHttpClient;
import software.amazon.awssdk.http.nio.netty.NettyNioAsyncHttpClient;
import software.amazon.awssdk.http.nio.netty.SdkEventLoopGroup;
import software.amazon.awssdk.utils.AttributeMap;

/** Connections with threads of their own; unlike the SDK's they end without being waited for. */
final class Connections implements SdkAsyncHttpClient {
  private final SdkAsyncHttpClient http;
  private final SdkEventLoopGroup threads;

  private Connections(SdkAsyncHttpClient http, SdkEventLoopGroup threads) {
    this.http = http;
    this.threads = threads;
  }

  @Override
  public CompletableFuture<Void> execute(AsyncExecuteRequest request) {
    return http.execute(request);
  }

  @Override
  public String clientName() {
    return http.clientName();
  }

  @Override
  @SuppressWarnings("FutureReturnValueIgnored") // nobody waits
  public void close() {
    http.close();
    threads.eventLoopGroup().shutdownGracefully(1, 5, TimeUnit.SECONDS);
  }

  /**
   * Makes connections for one client of the SDK.
   *
   * @param http how they are to be
   * @param threads makes their threads
   */
  record Builder(NettyNioAsyncHttpClient.Builder http, SdkEventLoopGroup.Builder threads)
      implements SdkAsyncHttpClient.Builder<Builder> {
    @Override
    public SdkAsyncHttpClient buildWithDefaults(AttributeMap defaults) {
      SdkEventLoopGroup group = threads.build();
      return new Connections(http.eventLoopGroup(group).buildWithDefaults(defaults), group);
    }
  }
}
