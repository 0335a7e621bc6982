package dev.martlet.contract;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.martlet.spi.Store;
import dev.martlet.spi.StoreException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What every {@link Store} promises, a sentence a test. */
@Timeout(120)
public abstract class StoreContractTest {
  private static final int BATCH = 1000;
  private static final int RIVALS = 16;

  private Store store;

  /** Opens a store without objects. */
  protected abstract Store newStore() throws Exception;

  /** Returns the size of an object that the store writes and reads in several parts. */
  protected abstract int bigSize();

  @BeforeEach
  final void open() throws Exception {
    store = newStore();
  }

  @AfterEach
  final void close() {
    store.close();
  }

  @Test
  @DisplayName("what was put is got")
  void putIsGot() throws Exception {
    put("a/b", "content");
    assertThat(get("a/b")).isEqualTo("content");
  }

  @Test
  @DisplayName("several buffers are one object, from position to limit, and are left as they were")
  void buffersAreJoined() throws Exception {
    ByteBuffer first = ByteBuffer.wrap("-hello ".getBytes(UTF_8)).position(1);
    ByteBuffer second = ByteBuffer.allocateDirect(5).put("world".getBytes(UTF_8)).flip();
    ByteBuffer third = ByteBuffer.wrap("!?".getBytes(UTF_8)).limit(1).asReadOnlyBuffer();
    await(store.put("k", List.of(first, second, ByteBuffer.allocate(0), third)));
    assertThat(get("k")).isEqualTo("hello world!");
    assertThat(List.of(first.remaining(), second.remaining(), third.remaining()))
        .containsExactly(6, 5, 1);
  }

  @Test
  @DisplayName("a put replaces what there was, and is read at once")
  void putReplaces() throws Exception {
    put("k", "long former content");
    put("k", "new");
    assertThat(get("k")).isEqualTo("new");
    assertThat(await(store.find("k")).size()).isEqualTo(3);
  }

  @Test
  @DisplayName("an object may be empty")
  void emptyObject() throws Exception {
    await(store.put("empty", List.of()));
    assertThat(get("empty")).isEmpty();
    assertThat(await(store.find("empty")).size()).isZero();
  }

  @Test
  @DisplayName("what is not there is null")
  void absentIsNull() throws Exception {
    assertThat(await(store.get("absent"))).isNull();
    assertThat(await(store.get("absent", 0, 10))).isNull();
    assertThat(await(store.find("absent"))).isNull();
  }

  @Test
  @DisplayName("put if absent writes once and then leaves the object alone")
  void putIfAbsentOnce() throws Exception {
    assertThat(await(store.putIfAbsent("k", bytes("first")))).isTrue();
    assertThat(await(store.putIfAbsent("k", bytes("second")))).isFalse();
    assertThat(get("k")).isEqualTo("first");
  }

  @Test
  @DisplayName("an object that was deleted is absent for put if absent")
  void putIfAbsentAfterDelete() throws Exception {
    put("k", "first");
    await(store.delete(List.of("k")));
    assertThat(await(store.putIfAbsent("k", bytes("second")))).isTrue();
    assertThat(get("k")).isEqualTo("second");
  }

  @Test
  @DisplayName("of many who put if absent at once, one succeeds, and its object stays")
  void putIfAbsentRaced() throws Exception {
    for (int round = 0; round < 3; round++) {
      String key = "raced/" + round;
      List<CompletableFuture<Boolean>> rivals =
          IntStream.range(0, RIVALS)
              .mapToObj(i -> store.putIfAbsent(key, bytes("rival " + i)))
              .toList();
      List<Integer> winners = new ArrayList<>();
      for (int i = 0; i < RIVALS; i++) {
        if (await(rivals.get(i))) {
          winners.add(i);
        }
      }
      assertThat(winners).hasSize(1);
      assertThat(get(key)).isEqualTo("rival " + winners.get(0));
    }
  }

  @Test
  @DisplayName("ranges are parts of the object and end with it")
  void ranges() throws Exception {
    put("k", "0123456789");
    assertThat(text(await(store.get("k", 0, 1)))).isEqualTo("0");
    assertThat(text(await(store.get("k", 3, 4)))).isEqualTo("3456");
    assertThat(text(await(store.get("k", 9, 1)))).isEqualTo("9");
    assertThat(text(await(store.get("k", 5, 100)))).isEqualTo("56789");
  }

  @Test
  @DisplayName("a find tells size and time")
  void findTells() throws Exception {
    Instant before = Instant.now();
    put("k", "content");
    Store.Item item = await(store.find("k"));
    assertThat(item.key()).isEqualTo("k");
    assertThat(item.size()).isEqualTo(7);
    assertThat(item.modified())
        .isBetween(before.minus(Duration.ofHours(1)), Instant.now().plus(Duration.ofHours(1)));
  }

  @Test
  @DisplayName("a big object is put and got whole, if absent too, and in ranges")
  void bigObject() throws Exception {
    byte[] big = new byte[bigSize()];
    new Random(1).nextBytes(big);
    int third = big.length / 3;
    List<ByteBuffer> pieces =
        List.of(
            ByteBuffer.wrap(big, 0, third),
            ByteBuffer.wrap(big, third, 1),
            ByteBuffer.wrap(big, third + 1, big.length - third - 1));
    await(store.put("big", pieces));
    assertThat(await(store.get("big"))).isEqualTo(ByteBuffer.wrap(big));
    assertThat(await(store.find("big")).size()).isEqualTo(big.length);
    assertThat(await(store.get("big", 7, big.length)))
        .isEqualTo(ByteBuffer.wrap(big, 7, big.length - 7));
    assertThat(await(store.putIfAbsent("big", bytes("small")))).isFalse();
    assertThat(await(store.putIfAbsent("big", pieces))).isFalse();
    assertThat(await(store.putIfAbsent("other", pieces))).isTrue();
    assertThat(await(store.get("other"))).isEqualTo(ByteBuffer.wrap(big));
  }

  @Test
  @DisplayName("a list has the keys with the prefix, in order, page by page")
  void listsInOrder() throws Exception {
    int count = BATCH + 200;
    List<CompletableFuture<?>> puts = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      puts.add(store.put(String.format("jobs/1/%05d", i), bytes("x")));
    }
    puts.add(store.put("jobs/10/other", bytes("x")));
    puts.add(store.put("jobs-", bytes("x")));
    for (CompletableFuture<?> p : puts) {
      await(p);
    }
    List<String> keys = keys("jobs/1/");
    assertThat(keys)
        .isEqualTo(
            IntStream.range(0, count).mapToObj(i -> String.format("jobs/1/%05d", i)).toList());
    Store.Page some = await(store.list("jobs/1/", "jobs/1/01197"));
    assertThat(some.items())
        .extracting(Store.Item::key)
        .containsExactly("jobs/1/01198", "jobs/1/01199");
    assertThat(some.items()).extracting(Store.Item::size).containsOnly(1L);
    assertThat(some.more()).isFalse();

    await(store.delete(keys));
    assertThat(keys("")).containsExactly("jobs-", "jobs/10/other");
  }

  @Test
  @DisplayName("a list of a prefix that no key has is empty")
  void emptyList() throws Exception {
    put("a", "x");
    Store.Page page = await(store.list("b", ""));
    assertThat(page.items()).isEmpty();
    assertThat(page.more()).isFalse();
  }

  @Test
  @DisplayName("to delete what is not there succeeds")
  void deleteAbsent() throws Exception {
    put("a", "x");
    await(store.delete(List.of("absent", "a")));
    await(store.delete(List.of()));
    assertThat(await(store.get("a"))).isNull();
  }

  @Test
  @DisplayName("keys are of 900 characters of the whole set")
  void longestKey() throws Exception {
    String set = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-=/";
    String key = set.repeat(14).substring(0, 899) + "k";
    put(key, "content");
    assertThat(get(key)).isEqualTo("content");
    assertThat(keys("abc")).containsExactly(key);
    await(store.delete(List.of(key)));
    assertThat(await(store.find(key))).isNull();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "a b", "ä", "a\n", "a?b", "a+b"})
  @DisplayName("what is no key fails, for good, and says so")
  void noKeys(String key) {
    for (CompletableFuture<?> future :
        List.of(
            store.put(key, bytes("x")),
            store.putIfAbsent(key, bytes("x")),
            store.get(key),
            store.get(key, 0, 1),
            store.find(key),
            store.delete(List.of(key)))) {
      Throwable e = catchThrowable(() -> await(future));
      assertThat(e)
          .isInstanceOfSatisfying(StoreException.class, s -> assertThat(s.isTransient()).isFalse())
          .hasMessageContaining("\"" + key + "\"");
    }
  }

  @Test
  @DisplayName("a key that is too long fails, for good")
  void keyTooLong() {
    assertThat(catchThrowable(() -> await(store.put("k".repeat(901), bytes("x")))))
        .isInstanceOfSatisfying(StoreException.class, s -> assertThat(s.isTransient()).isFalse());
  }

  private List<String> keys(String prefix) throws Exception {
    List<String> keys = new ArrayList<>();
    Store.Page page = await(store.list(prefix, ""));
    while (true) {
      page.items().forEach(i -> keys.add(i.key()));
      if (!page.more()) {
        return keys;
      }
      page = await(store.list(prefix, keys.get(keys.size() - 1)));
    }
  }

  private void put(String key, String content) throws Exception {
    await(store.put(key, bytes(content)));
  }

  private String get(String key) throws Exception {
    return text(await(store.get(key)));
  }

  private static List<ByteBuffer> bytes(String text) {
    return List.of(ByteBuffer.wrap(text.getBytes(UTF_8)));
  }

  private static String text(ByteBuffer bytes) {
    return UTF_8.decode(bytes).toString();
  }

  private static <T> T await(CompletableFuture<T> future) throws Exception {
    try {
      return future.get(60, SECONDS);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof Exception cause) {
        throw cause;
      }
      throw e;
    }
  }
}
