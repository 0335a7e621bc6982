package dev.martlet.testkit.aws.subject;

import com.amazonaws.services.lambda.runtime.Context;
import com.amazonaws.services.lambda.runtime.RequestStreamHandler;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;

/** A function that does what its event says: a string of a verb and its arguments. */
public class Subject implements RequestStreamHandler {
  private static final List<byte[]> KEPT = new ArrayList<>();
  private static final List<ByteBuffer> BUFFERS = new ArrayList<>();
  private static volatile int ticks;
  private static Thread ticker;
  private int calls;

  public Subject() {
    if ("1".equals(System.getenv("FAIL_INIT"))) {
      throw new IllegalStateException("will not start");
    }
  }

  @Override
  public void handleRequest(InputStream input, OutputStream output, Context context)
      throws IOException {
    byte[] event = input.readAllBytes();
    String text = new String(event, StandardCharsets.UTF_8);
    String[] words = text.substring(1, text.length() - 1).split(" ", -1);
    calls++;
    switch (words[0]) {
      case "calls" -> write(output, Integer.toString(calls));
      case "pid" -> write(output, Long.toString(ProcessHandle.current().pid()));
      case "env" -> write(output, '"' + String.valueOf(System.getenv(words[1])) + '"');
      case "property" -> write(output, '"' + String.valueOf(System.getProperty(words[1])) + '"');
      case "heap" -> write(output, Long.toString(Runtime.getRuntime().maxMemory()));
      case "id" -> write(output, '"' + context.getAwsRequestId() + '"');
      case "arn" -> write(output, '"' + context.getInvokedFunctionArn() + '"');
      case "remaining" -> write(output, Integer.toString(context.getRemainingTimeInMillis()));
      case "loader" -> write(output, '"' + getClass().getClassLoader().getClass().getName() + '"');
      case "throw" -> throw new IllegalArgumentException("as told");
      case "exit" -> Runtime.getRuntime().halt(Integer.parseInt(words[1]));
      case "memory" -> {
        for (; ; ) {
          KEPT.add(new byte[1 << 20]);
        }
      }
      case "native" -> {
        for (; ; ) {
          ByteBuffer more = ByteBuffer.allocateDirect(1 << 20);
          for (int i = 0; i < more.capacity(); i += 1024) {
            more.put(i, (byte) 1);
          }
          BUFFERS.add(more);
        }
      }
      case "answer" -> {
        byte[] big = new byte[Integer.parseInt(words[1])];
        java.util.Arrays.fill(big, (byte) '1');
        output.write(big);
      }
      case "print" -> {
        System.out.println(words[1]);
        write(output, "null");
      }
      case "sleep" -> {
        sleep(Long.parseLong(words[1]));
        write(output, "null");
      }
      case "linger" -> {
        sleep(Long.parseLong(words[1]));
        write(output, Long.toString(ProcessHandle.current().pid()));
      }
      case "child" -> {
        Process child = new ProcessBuilder("sleep", "1000").start();
        write(output, Long.toString(child.pid()));
      }
      case "append" -> {
        Files.writeString(
            Path.of(words[1]),
            context.getAwsRequestId() + "\n",
            StandardOpenOption.CREATE,
            StandardOpenOption.APPEND);
        if (words.length > 2) {
          throw new IllegalStateException("after the effect");
        }
        write(output, "null");
      }
      case "later" -> {
        Thread later = new Thread(() -> later(words[1]));
        later.setDaemon(true);
        later.start();
        write(output, "null");
      }
      case "ticks" -> {
        if (ticker == null) {
          ticker = new Thread(Subject::tick);
          ticker.setDaemon(true);
          ticker.start();
        }
        sleep(10);
        write(output, Integer.toString(ticks));
      }
      default -> output.write(event);
    }
  }

  /** A class that is loaded when it is used. */
  public static final class Late {
    static String text() {
      return "loaded";
    }
  }

  private static void later(String property) {
    while (!"go".equals(System.getProperty(property))) {
      sleep(1);
    }
    try {
      System.setProperty(property, Late.text());
    } catch (NoClassDefFoundError e) {
      System.setProperty(property, e.toString());
    }
  }

  private static void tick() {
    for (; ; ) {
      ticks++;
      sleep(1);
    }
  }

  private static void sleep(long millis) {
    try {
      Thread.sleep(millis);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static void write(OutputStream output, String json) throws IOException {
    output.write(json.getBytes(StandardCharsets.UTF_8));
  }
}
