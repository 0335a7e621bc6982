package dev.martlet.benchmarks;

import java.io.EOFException;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * The least that a call between two JVMs can cost: blocking reads and writes on one Unix-domain
 * socket, one thread on each side, no encoding. A request is the number of payload bytes that
 * follow it and the number of bytes wanted back after the eight that every response begins with.
 */
final class EchoPeer implements Peer {
  static final int HEADER = 8;
  static final int CHUNK = 128 << 10;

  private final SocketChannel line;
  private final Process server;
  private final ByteBuffer out = ByteBuffer.allocateDirect(CHUNK);
  private final ByteBuffer in = ByteBuffer.allocateDirect(CHUNK);

  private EchoPeer(SocketChannel line, Process server) {
    this.line = line;
    this.server = server;
    in.flip();
  }

  static EchoPeer open() throws IOException {
    Path directory = Files.createTempDirectory("martlet-echo");
    Path socket = directory.resolve("echo");
    try (ServerSocketChannel listener = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      listener.bind(UnixDomainSocketAddress.of(socket));
      Process server = Jvm.of(List.of(), EchoServer.class, socket).start();
      return new EchoPeer(listener.accept(), server);
    } finally {
      Files.deleteIfExists(socket);
      Files.deleteIfExists(directory);
    }
  }

  @Override
  public int call(int number) throws IOException {
    out.clear().putInt(0).putInt(0).flip();
    writeFully(line, out);
    need(HEADER);
    in.position(in.position() + HEADER);
    return number;
  }

  @Override
  public long pipeline(int calls) throws IOException {
    long sum = 0;
    out.clear();
    for (int i = 0; i < calls; i++) {
      if (out.remaining() < HEADER) {
        writeFully(line, out.flip());
        out.clear();
      }
      out.putInt(0).putInt(0);
      sum += i;
    }
    writeFully(line, out.flip());
    for (int i = 0; i < calls; i++) {
      need(HEADER);
      in.position(in.position() + HEADER);
    }
    return sum;
  }

  @Override
  public int send(byte[] argument) throws IOException {
    out.clear().putInt(argument.length).putInt(0);
    writeFully(line, out, argument);
    need(HEADER);
    int seen = in.getInt();
    in.getInt();
    return seen;
  }

  @Override
  public byte[] fetch(int length) throws IOException {
    out.clear().putInt(0).putInt(length).flip();
    writeFully(line, out);
    need(HEADER);
    in.position(in.position() + HEADER);
    byte[] bytes = new byte[length];
    readFully(line, in, bytes);
    return bytes;
  }

  @Override
  public long spin(int tasks, long rounds) {
    throw new UnsupportedOperationException();
  }

  @Override
  public void close() throws IOException {
    line.close();
    Jvm.stop(server);
  }

  private void need(int bytes) throws IOException {
    if (!need(line, in, bytes)) {
      throw new EOFException();
    }
  }

  /** Reads until the buffer holds that many bytes; false at the end of the stream. */
  static boolean need(SocketChannel line, ByteBuffer in, int bytes) throws IOException {
    if (in.remaining() >= bytes) {
      return true;
    }
    in.compact();
    try {
      while (in.position() < bytes) {
        if (line.read(in) < 0) {
          return false;
        }
      }
      return true;
    } finally {
      in.flip();
    }
  }

  static void readFully(SocketChannel line, ByteBuffer in, byte[] target) throws IOException {
    int done = 0;
    while (done < target.length) {
      if (!need(line, in, 1)) {
        throw new EOFException();
      }
      int part = Math.min(in.remaining(), target.length - done);
      in.get(target, done, part);
      done += part;
    }
  }

  static void writeFully(SocketChannel line, ByteBuffer out) throws IOException {
    while (out.hasRemaining()) {
      line.write(out);
    }
  }

  /** Writes what the buffer was filled with, then the bytes. */
  static void writeFully(SocketChannel line, ByteBuffer out, byte[] bytes) throws IOException {
    int done = 0;
    do {
      int part = Math.min(out.remaining(), bytes.length - done);
      out.put(bytes, done, part);
      done += part;
      writeFully(line, out.flip());
      out.clear();
    } while (done < bytes.length);
  }
}
