package dev.martlet.internal.function;

import static org.assertj.core.api.Assertions.assertThat;

import dev.martlet.contract.MemoryStore;
import dev.martlet.internal.envelope.Briefing;
import dev.martlet.internal.envelope.Known;
import dev.martlet.internal.envelope.Names;
import dev.martlet.internal.envelope.Response;
import dev.martlet.spi.PlatformConfig.Questions;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.RejectedExecutionException;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** What is put into the store before anybody asks, and what of it goes along with a briefing. */
class CodeShelfTest {
  private static final int FILE = 'f';
  private static final int NAMES = 'n';
  private static final int CONTENT = 'c';
  private static final int MADE = 'm';
  private static final int LARGE = 'l';
  private static final int LONG = 20_000;

  private final MemoryStore store = new MemoryStore();
  private long now;
  private final CodeShelf shelf = new CodeShelf(store, new Client(), Runnable::run, () -> now);

  /** Answers with bytes that cannot be packed. */
  private static class Client implements Questions {
    @Override
    public ByteBuffer answer(ByteBuffer question) {
      byte[] bytes =
          new byte
              [switch (question.get(0)) {
                case LARGE -> 10 * LONG;
                case NAMES -> LONG;
                default -> 1_000;
              }];
      new Random(question.hashCode()).nextBytes(bytes);
      return ByteBuffer.wrap(bytes);
    }

    @Override
    public boolean isRepeatable(ByteBuffer question) {
      return question.get(0) != MADE;
    }

    @Override
    public boolean isOfContent(ByteBuffer question) {
      return question.get(0) != FILE && question.get(0) != MADE;
    }

    @Override
    public @Nullable String contentName(ByteBuffer question) {
      byte kind = question.get(0);
      return kind == CONTENT || kind == LARGE ? "name-" + question.getInt(1) : null;
    }

    @Override
    public int version() {
      return 1;
    }
  }

  private static ByteBuffer question(int kind, int number) {
    return ByteBuffer.allocate(5).put((byte) kind).putInt(number).flip();
  }

  private static Stream<ByteBuffer> questions(List<ByteBuffer> bundles) {
    return bundles.stream().flatMap(b -> Known.decode(b).stream()).map(Known::question);
  }

  @Test
  @DisplayName("the first classes go with a briefing, and long lists of names do not")
  void brief() throws Exception {
    List<ByteBuffer> all = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      all.add(question(NAMES, i));
    }
    for (int i = 0; i < 200; i++) {
      all.add(question(CONTENT, i));
    }
    all.add(question(FILE, 1));
    shelf.ahead(all).get();
    CodeShelf.Bundles bundles = shelf.bundles(1);

    List<ByteBuffer> stored = new ArrayList<>();
    for (byte[] hash : bundles.ofContent()) {
      stored.add(store.get(Names.code(hash)).get());
    }
    for (byte[] hash : bundles.ofSession()) {
      stored.add(store.get(Names.code(hash)).get());
    }
    assertThat(questions(stored)).containsExactlyInAnyOrderElementsOf(all);

    List<ByteBuffer> brief = bundles.brief().stream().map(Briefing.Bundle::bytes).toList();
    assertThat(brief).isSubsetOf(stored);
    assertThat(brief.stream().mapToInt(ByteBuffer::remaining).sum()).isLessThan(1 << 16);
    assertThat(questions(brief))
        .contains(question(FILE, 1), question(CONTENT, 0), question(CONTENT, 10))
        .contains(question(NAMES, 0))
        .doesNotContain(question(NAMES, 2), question(CONTENT, 199));
  }

  @Test
  @DisplayName("large content lies by itself")
  void large() throws Exception {
    List<ByteBuffer> all = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      all.add(question(LARGE, i));
    }
    shelf.ahead(all).get();
    shelf.ahead(all).get();
    for (ByteBuffer question : all) {
      String name = Names.content("name-" + question.getInt(1));
      assertThat(store.get(name).get()).isEqualTo(new Client().answer(question));
    }
    assertThat(stored()).isEmpty();
    assertThat(along()).isEmpty();
  }

  @Test
  @DisplayName("a refusal to read large content again is not put there as that content")
  void refused() throws Exception {
    Map<ByteBuffer, Integer> asked = new HashMap<>();
    Questions changing =
        new Client() {
          @Override
          public ByteBuffer answer(ByteBuffer question) {
            return asked.merge(question.duplicate(), 1, Integer::sum) == 1
                ? super.answer(question)
                : ByteBuffer.allocate(10);
          }
        };
    List<ByteBuffer> all = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      all.add(question(LARGE, i));
    }
    new CodeShelf(store, changing, Runnable::run, () -> now).ahead(all).get();
    int refused = 0;
    for (int i = 0; i < 100; i++) {
      String name = Names.content("name-" + i);
      if (store.find(name).get() == null) {
        refused++;
      } else {
        assertThat(store.get(name).get()).isEqualTo(new Client().answer(question(LARGE, i)));
      }
    }
    assertThat(refused).isPositive();
  }

  @Test
  @DisplayName("large content that could not be put there is put there when it is asked for next")
  void largeAgain() throws Exception {
    ByteBuffer question = question(LARGE, 1);
    String name = Names.content("name-1");
    boolean[] fails = {true};
    CodeShelf other =
        new CodeShelf(
            store,
            new Client(),
            task -> {
              if (fails[0]) {
                throw new RejectedExecutionException();
              }
              task.run();
            },
            () -> now);
    other.ahead(List.of(question)).get();
    assertThat(store.find(name).get()).isNull();
    fails[0] = false;
    other.ahead(List.of(question)).get();
    assertThat(store.find(name).get()).isNotNull();
  }

  @Test
  @DisplayName("where not all that is short can go with a briefing, the latest does")
  void latest() throws Exception {
    for (int i = 0; i < 8; i++) {
      List<ByteBuffer> some = new ArrayList<>();
      for (int j = 0; j < 25; j++) {
        some.add(question(CONTENT, i * 100 + j));
      }
      shelf.ahead(some).get();
    }
    List<ByteBuffer> brief = shelf.bundles(1).brief().stream().map(Briefing.Bundle::bytes).toList();
    assertThat(brief.stream().mapToInt(ByteBuffer::remaining).sum()).isLessThan(1 << 17);
    assertThat(questions(brief))
        .contains(question(CONTENT, 700), question(CONTENT, 600))
        .doesNotContain(question(CONTENT, 0));
  }

  private List<ByteBuffer> along() {
    return questions(shelf.bundles(1).brief().stream().map(Briefing.Bundle::bytes).toList())
        .toList();
  }

  private List<ByteBuffer> stored() throws Exception {
    List<ByteBuffer> all = new ArrayList<>();
    CodeShelf.Bundles bundles = shelf.bundles(1);
    for (List<byte[]> hashes : List.of(bundles.ofSession(), bundles.ofContent())) {
      for (byte[] hash : hashes) {
        all.add(store.get(Names.code(hash)).get());
      }
    }
    return questions(all).toList();
  }

  /** A new instance has used some of what goes along. */
  private void starts(ByteBuffer... used) {
    List<Integer> hashes = Stream.of(used).map(ByteBuffer::hashCode).toList();
    shelf.heard(1, shelf.bundles(1).brief(), new Response.News(hashes, List.of()));
  }

  @Test
  @DisplayName("what new instances get in vain is left in the store until one needs it")
  void inVain() throws Exception {
    ByteBuffer file = question(FILE, 1);
    ByteBuffer used = question(CONTENT, 1);
    ByteBuffer vain = question(CONTENT, 2);
    ByteBuffer later = question(CONTENT, 3);
    shelf.ahead(List.of(file, used, vain, later)).get();
    for (int i = 0; i < 20; i++) {
      starts(file, used);
    }
    assertThat(along()).containsExactlyInAnyOrder(file, used);
    assertThat(stored()).containsExactlyInAnyOrder(file, used, vain, later);
    shelf.heard(1, List.of(), new Response.News(List.of(later.hashCode()), List.of()));
    assertThat(along()).containsExactlyInAnyOrder(file, used, later);
    assertThat(stored()).containsExactlyInAnyOrder(file, used, vain, later);
    for (int i = 0; i < 100; i++) {
      shelf.ahead(List.of(question(CONTENT, 10 + i))).get();
    }
    assertThat(along()).contains(file, used, later).doesNotContain(vain);
  }

  @Test
  @DisplayName("what an instance makes of this version goes along, but not what is the client's")
  void made() throws Exception {
    ByteBuffer woven = question(MADE, 1);
    List<ByteBuffer> answer = List.of(ByteBuffer.wrap(new byte[10]));
    List<Known> made = List.of(new Known(woven, answer), new Known(question(FILE, 1), answer));
    assertThat(along()).isEmpty();
    shelf.heard(0, List.of(), new Response.News(List.of(), made));
    assertThat(along()).isEmpty();
    shelf.heard(1, List.of(), new Response.News(List.of(), made));
    assertThat(along()).containsExactly(woven);
    assertThat(stored()).containsExactly(woven);
  }

  @Test
  @DisplayName("what an instance says that is no question is not kept")
  void garbage() {
    List<Known> made = List.of(new Known(ByteBuffer.allocate(0), List.of(ByteBuffer.allocate(1))));
    assertThat(along()).isEmpty();
    shelf.heard(1, List.of(), new Response.News(List.of(1, 1, -1), made));
    assertThat(along()).isEmpty();
  }

  @Test
  @DisplayName("of instances that start in a second few are asked for what they make")
  void asks() {
    int asked = 0;
    for (int i = 0; i < 1_000; i++) {
      asked += shelf.asks() ? 1 : 0;
    }
    assertThat(asked).isBetween(1, 10);
    now += 2_000_000_000L;
    assertThat(shelf.asks()).isTrue();
  }

  @Test
  @DisplayName("what is learnt one by one is merged before it is in too many bundles")
  void merges() throws Exception {
    for (int i = 0; i < 100; i++) {
      shelf.ahead(List.of(question(CONTENT, i))).get();
    }
    assertThat(shelf.bundles(1).ofContent()).hasSizeLessThan(20);
    assertThat(shelf.bundles(1).brief()).isNotEmpty();
  }
}
