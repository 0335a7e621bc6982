package dev.martlet.internal.function;

import static org.assertj.core.api.Assertions.assertThat;

import dev.martlet.contract.MemoryStore;
import dev.martlet.internal.envelope.Briefing;
import dev.martlet.internal.envelope.Known;
import dev.martlet.internal.envelope.Names;
import dev.martlet.spi.PlatformConfig.Questions;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** What is put into the store before anybody asks, and what of it goes along with a briefing. */
class CodeShelfTest {
  private static final int FILE = 'f';
  private static final int NAMES = 'n';
  private static final int CONTENT = 'c';
  private static final int LONG = 20_000;

  private final MemoryStore store = new MemoryStore();
  private final CodeShelf shelf = new CodeShelf(store, new Client());

  /** Answers with bytes that cannot be packed. */
  private static final class Client implements Questions {
    @Override
    public ByteBuffer answer(ByteBuffer question) {
      byte[] bytes = new byte[question.get(0) == NAMES ? LONG : 1_000];
      new Random(question.hashCode()).nextBytes(bytes);
      return ByteBuffer.wrap(bytes);
    }

    @Override
    public boolean isRepeatable(ByteBuffer question) {
      return true;
    }

    @Override
    public boolean isOfContent(ByteBuffer question) {
      return question.get(0) != FILE;
    }

    @Override
    public @Nullable String contentName(ByteBuffer question) {
      return question.get(0) == CONTENT ? "name-" + question.getInt(1) : null;
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
