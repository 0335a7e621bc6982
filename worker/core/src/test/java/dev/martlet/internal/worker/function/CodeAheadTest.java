package dev.martlet.internal.worker.function;

import static org.assertj.core.api.Assertions.assertThat;

import dev.martlet.contract.MemoryStore;
import dev.martlet.internal.classpath.Hash;
import dev.martlet.internal.classpath.Wire;
import dev.martlet.internal.dispatch.Protocol;
import dev.martlet.internal.worker.process.EchoHost;
import dev.martlet.internal.worker.process.Probe;
import dev.martlet.spi.FunctionClient;
import dev.martlet.spi.Platform;
import dev.martlet.spi.PlatformConfig;
import dev.martlet.spi.PlatformLimits;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Code that is in the store before anybody asks. */
@Timeout(60)
class CodeAheadTest {
  private static final int LARGE = 70_000;
  private static final ByteBuffer A = name(1);
  private static final ByteBuffer B = name(2);

  private final MemoryStore store = new MemoryStore();
  private long longestRequest = Long.MAX_VALUE;
  private final MemoryFunctions cloud =
      new MemoryFunctions(store, Weather.fine(), Clouds.LONGEST_RUN, Integer.MAX_VALUE);

  @AfterEach
  void close() {
    cloud.close();
  }

  private static ByteBuffer name(int n) {
    return question(new Wire.Writer(Wire.IMAGE).integer(n));
  }

  private static ByteBuffer content(int n) {
    Hash hash = Hash.of(new byte[] {(byte) n});
    return question(new Wire.Writer(Wire.BLOB).hash(hash).number(0).integer(Wire.CHUNK));
  }

  private static ByteBuffer question(Wire.Writer question) {
    ByteBuffer bytes = question.done();
    return ByteBuffer.allocate(1 + bytes.remaining()).put(Protocol.CLASSPATH).put(bytes).flip();
  }

  /** A client whose answers are told, and who counts what it is asked. */
  private static final class Client implements PlatformConfig.Questions {
    final Map<ByteBuffer, byte[]> answers = new HashMap<>();
    final Map<ByteBuffer, ByteBuffer> next = new HashMap<>();
    final Map<ByteBuffer, Integer> asked = new ConcurrentHashMap<>();
    volatile int version;

    Client with(ByteBuffer question, byte... answer) {
      answers.put(question, answer);
      return this;
    }

    @Override
    public ByteBuffer answer(ByteBuffer question) {
      asked.merge(question.duplicate(), 1, Integer::sum);
      return ByteBuffer.wrap(answers.get(question));
    }

    @Override
    public boolean isRepeatable(ByteBuffer question) {
      return true;
    }

    @Override
    public List<ByteBuffer> next(ByteBuffer question) {
      ByteBuffer q = next.get(question);
      return q == null ? List.of() : List.of(q);
    }

    @Override
    public boolean isOfContent(ByteBuffer question) {
      return Protocol.isOfContent(question);
    }

    @Override
    public String contentName(ByteBuffer question) {
      return Protocol.contentName(question);
    }

    @Override
    public int version() {
      return version;
    }

    int asked(ByteBuffer question) {
      return asked.getOrDefault(question, 0);
    }
  }

  /** Opens a session of a cloud that lives on. */
  private Platform open(Client client) {
    FunctionClient open =
        new FunctionClient() {
          @Override
          public PlatformLimits limits() {
            PlatformLimits all = cloud.limits();
            long request = Math.min(longestRequest, all.inlineRequest());
            return new PlatformLimits(
                request,
                all.inlineResponse(),
                all.longestRun(),
                all.interactive(),
                all.sharesProcessors());
          }

          @Override
          public CompletableFuture<FunctionAnswer> invoke(ByteBuffer request) {
            return cloud.invoke(request);
          }

          @Override
          public int longestSubmission() {
            return cloud.longestSubmission();
          }

          @Override
          public CompletableFuture<Void> submit(ByteBuffer request) {
            return cloud.submit(request);
          }

          @Override
          public void close() {}
        };
    return Clouds.open(open, store, Map.of(), Clouds.LONGEST_RUN, client);
  }

  private static byte[] ask(Platform p, ByteBuffer question) throws Exception {
    return Probe.invoke(p, 0, ByteBuffer.wrap(new byte[] {EchoHost.ASK}), question.duplicate())
        .bytes();
  }

  private long objects(String prefix) {
    return store.keys().stream().filter(k -> k.startsWith(prefix)).count();
  }

  @Test
  @DisplayName("what was expected, and what follows from it, is not asked for")
  void expected() throws Exception {
    Client client = new Client().with(A, (byte) 1).with(B, (byte) 2);
    client.next.put(A, B);
    try (Platform p = open(client)) {
      p.expect(() -> List.of(A.duplicate()));
      assertThat(ask(p, A)).containsExactly(1);
      assertThat(ask(p, B)).containsExactly(2);
    }
    assertThat(client.asked).containsOnly(Map.entry(A, 1), Map.entry(B, 1));
  }

  @Test
  @DisplayName("what does not fit into a request is had from the store")
  void tight() throws Exception {
    longestRequest = 8_000;
    byte[] file = new byte[20_000];
    new Random(1).nextBytes(file);
    ByteBuffer content = content(1);
    Client client = new Client().with(content, file);
    try (Platform p = open(client)) {
      p.expect(() -> List.of(content.duplicate()));
      assertThat(ask(p, content)).isEqualTo(file);
    }
    assertThat(client.asked).containsOnly(Map.entry(content, 1));
  }

  @Test
  @DisplayName("what an instance asks is asked once, and what follows goes along with the answer")
  void along() throws Exception {
    Client client = new Client().with(A, (byte) 1).with(B, (byte) 2);
    client.next.put(A, B);
    try (Platform p = open(client)) {
      for (int i = 0; i < 3; i++) {
        assertThat(ask(p, A)).containsExactly(1);
        assertThat(ask(p, B)).containsExactly(2);
      }
    }
    assertThat(client.asked).containsOnly(Map.entry(A, 1), Map.entry(B, 1));
  }

  @Test
  @DisplayName("another session's answers are not used, but content that it has brought is")
  void sessions() throws Exception {
    ByteBuffer content = content(1);
    Client one = new Client().with(A, (byte) 1).with(content, (byte) 7);
    Client two = new Client().with(A, (byte) 2).with(content, (byte) 7);
    try (Platform p = open(one);
        Platform q = open(two)) {
      p.expect(() -> List.of(A.duplicate(), content.duplicate()));
      assertThat(ask(p, A)).containsExactly(1);
      assertThat(ask(p, content)).containsExactly(7);
      assertThat(ask(q, A)).containsExactly(2);
      assertThat(ask(q, content)).containsExactly(7);
      assertThat(ask(p, A)).containsExactly(1);
    }
    assertThat(two.asked(A)).isEqualTo(1);
    assertThat(two.asked(content)).isZero();
  }

  @Test
  @DisplayName("content that is in the store is not put there again by another session")
  void onceEver() throws Exception {
    ByteBuffer small = content(1);
    ByteBuffer large = content(2);
    for (int i = 0; i < 2; i++) {
      Client client = new Client().with(small, (byte) 7).with(large, new byte[LARGE]);
      try (Platform p = open(client)) {
        p.expect(() -> List.of(small.duplicate(), large.duplicate()));
        assertThat(ask(p, small)).containsExactly(7);
        assertThat(ask(p, large)).hasSize(LARGE);
      }
      assertThat(client.asked).containsOnly(Map.entry(small, 1), Map.entry(large, 1));
      assertThat(objects("code/")).isEqualTo(2);
      assertThat(objects("code/content/")).isEqualTo(1);
    }
  }

  @Test
  @DisplayName(
      "large content that only follows from what is expected is left until it is asked for")
  void largeLater() throws Exception {
    ByteBuffer large = content(2);
    Client client = new Client().with(A, (byte) 1).with(large, new byte[LARGE]);
    client.next.put(A, large);
    try (Platform p = open(client)) {
      p.expect(() -> List.of(A.duplicate()));
      assertThat(ask(p, A)).containsExactly(1);
      assertThat(objects("code/content/")).isZero();
      assertThat(ask(p, large)).hasSize(LARGE);
    }
    assertThat(objects("code/content/")).isEqualTo(1);
  }

  @Test
  @DisplayName("answers of an earlier version are not used")
  void versions() throws Exception {
    Client client = new Client().with(A, (byte) 1);
    try (Platform p = open(client)) {
      p.expect(() -> List.of(A.duplicate()));
      assertThat(ask(p, A)).containsExactly(1);
      client.answers.put(A, new byte[] {3});
      client.version++;
      assertThat(ask(p, A)).containsExactly(3);
    }
  }

  @Test
  @DisplayName("a bundle in the store that is not what the client has put there is not used")
  void tampered() throws Exception {
    Client client = new Client().with(A, (byte) 1);
    Client other = new Client().with(A, (byte) 9);
    try (Platform p = open(client);
        Platform q = open(other)) {
      q.expect(() -> List.of(A.duplicate()));
      assertThat(ask(q, A)).containsExactly(9);
      String theirs = store.keys().stream().filter(k -> k.startsWith("code/")).findFirst().get();
      ByteBuffer wrong = store.get(theirs).get();
      p.expect(() -> List.of(A.duplicate()));
      assertThat(ask(p, A)).containsExactly(1);
      for (String key : store.keys()) {
        if (key.startsWith("code/") && !key.equals(theirs)) {
          store.put(key, List.of(wrong.duplicate())).get();
        }
      }
      // The instance has forgotten this session's answers meanwhile.
      assertThat(ask(q, A)).containsExactly(9);
      assertThat(ask(p, A)).containsExactly(1);
    }
    assertThat(client.asked(A)).isEqualTo(2);
  }
}
