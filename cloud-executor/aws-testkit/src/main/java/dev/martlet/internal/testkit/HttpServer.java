package dev.martlet.internal.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Connector;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.Promise;
import org.eclipse.jetty.util.thread.QueuedThreadPool;

/**
 * HTTP on ports of the loopback interface, each with a handler of its own. A request that waits for
 * its answer holds no thread, so that thousands may. Handlers are called on the thread that reads
 * the port, and do not block.
 */
public final class HttpServer implements AutoCloseable {
  /** What CreateFunction may send, and so the longest body of all. */
  private static final int LONGEST = 69_905_067;

  private static final long IDLE_MILLIS = 20 * 60 * 1000;

  private final Server server;
  private final Map<Connector, Consumer<Exchange>> handlers = new ConcurrentHashMap<>();

  public HttpServer(String name) {
    QueuedThreadPool threads = new QueuedThreadPool(1_000, 4);
    threads.setName(name);
    threads.setDaemon(true);
    server = new Server(threads);
    server.setHandler(new Receiver());
    try {
      server.start();
    } catch (Exception e) {
      throw new IllegalStateException("No HTTP server", e);
    }
  }

  /** Listens on a free port. */
  public Port listen(Consumer<Exchange> handler) {
    HttpConfiguration configuration = new HttpConfiguration();
    configuration.setSendServerVersion(false);
    configuration.setRequestHeaderSize(32 * 1024);
    configuration.setResponseHeaderSize(32 * 1024);
    ServerConnector connector =
        new ServerConnector(
            server, null, null, null, 0, 1, new HttpConnectionFactory(configuration));
    connector.setHost("127.0.0.1");
    connector.setAcceptQueueSize(4096);
    connector.setIdleTimeout(IDLE_MILLIS);
    handlers.put(connector, handler);
    try {
      server.addConnector(connector);
      connector.start();
    } catch (Exception e) {
      throw new IllegalStateException("No port", e);
    }
    return new Port(connector);
  }

  @Override
  public void close() {
    try {
      server.stop();
    } catch (Exception e) {
      throw new IllegalStateException("HTTP server does not stop", e);
    }
  }

  /** A port that is listened on. */
  public final class Port implements AutoCloseable {
    private final ServerConnector connector;

    private Port(ServerConnector connector) {
      this.connector = connector;
    }

    public int number() {
      return connector.getLocalPort();
    }

    @Override
    public void close() {
      handlers.remove(connector);
      try {
        connector.stop();
      } catch (Exception e) {
        throw new UncheckedIOException(new IOException("Port does not close", e));
      }
      server.removeConnector(connector);
    }
  }

  private final class Receiver extends Handler.Abstract.NonBlocking {
    @Override
    public boolean handle(Request request, Response response, Callback callback) {
      Consumer<Exchange> handler = handlers.get(request.getConnectionMetaData().getConnector());
      if (handler == null) {
        return false;
      }
      Content.Source.asByteArrayAsync(
          request,
          LONGEST,
          new Promise.Invocable<byte[]>() {
            @Override
            public void succeeded(byte[] body) {
              try {
                handler.accept(new Exchange(request, response, callback, body));
              } catch (Throwable e) {
                callback.failed(e);
              }
            }

            @Override
            public void failed(Throwable failure) {
              callback.failed(failure);
            }

            @Override
            public InvocationType getInvocationType() {
              return InvocationType.NON_BLOCKING;
            }
          });
      return true;
    }
  }
}
