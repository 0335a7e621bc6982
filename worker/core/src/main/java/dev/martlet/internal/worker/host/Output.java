package dev.martlet.internal.worker.host;

import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * Stands for standard output and standard error of a worker: what a call's thread prints becomes
 * whole lines of that call. What no call prints goes to the stream that was there before.
 */
final class Output extends OutputStream {
  /** Takes whole lines. */
  interface Lines {
    /** A line without its end, or what is left of one when the call ends. */
    void line(String line, boolean error);
  }

  /** What a call has printed of a line so far. */
  static final class Buffer {
    private byte[] bytes = new byte[128];
    private int length;

    void add(int b) {
      if (length == bytes.length) {
        bytes = java.util.Arrays.copyOf(bytes, length * 2);
      }
      bytes[length++] = (byte) b;
    }

    String take() {
      int end = length > 0 && bytes[length - 1] == '\r' ? length - 1 : length;
      String s = new String(bytes, 0, end, StandardCharsets.UTF_8);
      length = 0;
      return s;
    }

    boolean isEmpty() {
      return length == 0;
    }
  }

  private final PrintStream former;
  private final boolean error;

  private Output(PrintStream former, boolean error) {
    this.former = former;
    this.error = error;
  }

  /** Takes over both streams of this JVM. */
  static void install() {
    Charset utf8 = StandardCharsets.UTF_8;
    System.setOut(new PrintStream(new Output(System.out, false), true, utf8));
    System.setErr(new PrintStream(new Output(System.err, true), true, utf8));
  }

  @Override
  public void write(int b) {
    CallRun run = CallRun.ofThread();
    if (run == null) {
      former.write(b);
    } else {
      write(run, b);
    }
  }

  @Override
  public void write(byte[] b, int off, int len) {
    CallRun run = CallRun.ofThread();
    if (run == null) {
      former.write(b, off, len);
      return;
    }
    for (int i = off; i < off + len; i++) {
      write(run, b[i]);
    }
  }

  private void write(CallRun run, int b) {
    Buffer buffer = error ? run.err : run.out;
    String line = null;
    synchronized (buffer) {
      if (b == '\n') {
        line = buffer.take();
      } else {
        buffer.add(b);
      }
    }
    if (line != null) {
      run.line(line, error);
    }
  }

  /** Hands on what a call has printed without an end of line. */
  static void finish(CallRun run) {
    for (boolean e : new boolean[] {false, true}) {
      Buffer buffer = e ? run.err : run.out;
      @Nullable String rest = null;
      synchronized (buffer) {
        if (!buffer.isEmpty()) {
          rest = buffer.take();
        }
      }
      if (rest != null) {
        run.line(rest, e);
      }
    }
  }
}
