package dev.martlet.benchmarks;

import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;

/** The other side of {@link EchoPeer}: answers until its client closes the socket. */
final class EchoServer {
  private EchoServer() {}

  public static void main(String[] args) throws IOException {
    try (SocketChannel line = SocketChannel.open(UnixDomainSocketAddress.of(Path.of(args[0])))) {
      serve(line);
    }
  }

  private static void serve(SocketChannel line) throws IOException {
    ByteBuffer in = ByteBuffer.allocateDirect(EchoPeer.CHUNK);
    ByteBuffer out = ByteBuffer.allocateDirect(EchoPeer.CHUNK);
    byte[] answer = new byte[0];
    in.flip();
    while (EchoPeer.need(line, in, EchoPeer.HEADER)) {
      int argument = in.getInt();
      int result = in.getInt();
      if (argument > 0) {
        EchoPeer.readFully(line, in, new byte[argument]);
      }
      out.putInt(argument).putInt(result);
      if (result > 0) {
        answer = answer.length == result ? answer : new byte[result];
        EchoPeer.writeFully(line, out, answer);
      } else if (in.remaining() < EchoPeer.HEADER || out.remaining() < EchoPeer.HEADER) {
        EchoPeer.writeFully(line, out.flip());
        out.clear();
      }
    }
  }
}
