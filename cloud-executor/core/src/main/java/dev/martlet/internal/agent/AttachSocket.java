package dev.martlet.internal.agent;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Loads an agent over the attach socket of HotSpot on Linux, as {@code jcmd} does, but from within.
 * The JVM opens the socket when it gets a SIGQUIT while a trigger file exists; without the file, or
 * where the attach mechanism is off, it would print its threads instead, and where no handler is
 * installed it would die.
 */
final class AttachSocket implements AutoCloseable {
  private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(5);
  private static final int SIGQUIT = 3;

  private final Path socket;
  private final @Nullable Path trigger;

  private AttachSocket(Path socket, @Nullable Path trigger) {
    this.socket = socket;
    this.trigger = trigger;
  }

  /**
   * Asks the JVM to open its socket, without waiting for it; {@code null} if that is impossible.
   */
  static @Nullable AttachSocket open() {
    try {
      long pid = ProcessHandle.current().pid();
      Path socket = Path.of("/tmp/.java_pid" + pid);
      if (Files.exists(socket)) {
        return new AttachSocket(socket, null);
      }
      if (!isQuitCaught()) {
        return null;
      }
      Path trigger = Path.of("/tmp/.attach_pid" + pid);
      Files.deleteIfExists(trigger); // of a former process; a foreign one would not be heeded
      Files.createFile(trigger);
      try {
        // The shell's own kill; a Signal of the JDK can raise only what the JDK handles.
        new ProcessBuilder("/bin/sh", "-c", "kill -QUIT " + pid)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start();
      } catch (IOException e) {
        Files.deleteIfExists(trigger);
        return null;
      }
      return new AttachSocket(socket, trigger);
    } catch (IOException e) {
      return null;
    }
  }

  /** Loads the agent; returns {@code false}, having changed nothing, if that cannot be done so. */
  boolean load(Path jar) {
    try {
      if (!await()) {
        return false;
      }
      try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
        channel.connect(UnixDomainSocketAddress.of(socket));
        String request = "1\0load\0instrument\0false\0" + jar.toAbsolutePath() + "\0";
        ByteBuffer out = ByteBuffer.wrap(request.getBytes(StandardCharsets.UTF_8));
        while (out.hasRemaining()) {
          channel.write(out);
        }
        return isSuccess(readAll(channel));
      }
    } catch (IOException | UnsupportedOperationException e) {
      return false;
    }
  }

  private boolean await() {
    long start = System.nanoTime();
    while (!Files.exists(socket)) {
      if (System.nanoTime() - start > PATIENCE_NANOS) {
        return false;
      }
      LockSupport.parkNanos(200_000);
    }
    return true;
  }

  @Override
  public void close() throws IOException {
    if (trigger != null) {
      // Without its trigger file the signal, which may still be on its way, prints all threads.
      boolean unused = await();
      Files.deleteIfExists(trigger);
    }
  }

  private static boolean isQuitCaught() throws IOException {
    for (String line : Files.readAllLines(Path.of("/proc/self/status"))) {
      if (line.startsWith("SigCgt:")) {
        long caught = Long.parseUnsignedLong(line.substring("SigCgt:".length()).trim(), 16);
        return (caught >>> (SIGQUIT - 1) & 1) != 0;
      }
    }
    return false;
  }

  private static String readAll(SocketChannel channel) throws IOException {
    ByteArrayOutputStream answer = new ByteArrayOutputStream();
    ByteBuffer buffer = ByteBuffer.allocate(1024);
    while (channel.read(buffer) >= 0) {
      answer.write(buffer.array(), 0, buffer.position());
      buffer.clear();
    }
    return answer.toString(StandardCharsets.UTF_8);
  }

  /** The first line is the command's status, the second the agent's. */
  private static boolean isSuccess(String answer) {
    return answer.startsWith("0\nreturn code: 0\n");
  }
}
