package dev.martlet.internal.envelope;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Function;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Label;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

class EnvelopePropertyTest {
  /** Where an envelope begins in its buffer must not matter. */
  private static ByteBuffer moved(ByteBuffer b) {
    ByteBuffer m = ByteBuffer.allocateDirect(b.remaining() + 7);
    m.position(3).put(b.duplicate());
    return m.limit(m.position()).position(3).asReadOnlyBuffer();
  }

  private static ByteBuffer join(List<ByteBuffer> parts) {
    ByteBuffer all = ByteBuffer.allocate(parts.stream().mapToInt(ByteBuffer::remaining).sum());
    parts.forEach(b -> all.put(b.duplicate()));
    return all.flip();
  }

  @Provide
  Arbitrary<ByteBuffer> bytes() {
    // Some that can be packed, some that cannot, some long.
    return Arbitraries.randomValue(
        r -> {
          byte[] b = new byte[r.nextInt(8) == 0 ? r.nextInt(200_000) : r.nextInt(60)];
          if (r.nextBoolean()) {
            r.nextBytes(b);
          }
          return ByteBuffer.wrap(b);
        });
  }

  private Arbitrary<List<ByteBuffer>> parts(int most) {
    return bytes().list().ofMaxSize(most);
  }

  @Provide
  Arbitrary<Request> requests() {
    Arbitrary<Request.Call> call =
        Combinators.combine(Arbitraries.integers(), Arbitraries.of(true, false), parts(3), parts(3))
            .as(Request.Call::new);
    Arbitrary<byte[]> hash = Arbitraries.bytes().array(byte[].class).ofSize(Request.HASH);
    Arbitrary<byte[]> session = Arbitraries.bytes().array(byte[].class).ofSize(Request.SESSION);
    Arbitrary<Briefing> briefing =
        Combinators.combine(
                hash,
                Arbitraries.maps(Arbitraries.strings().ofMaxLength(5), Arbitraries.strings())
                    .ofMaxSize(3),
                bytes(),
                Combinators.combine(hash, bytes()).as(Briefing.Bundle::new).list().ofMaxSize(2),
                Arbitraries.of(true, false))
            .as(
                (key, place, world, bundles, asks) ->
                    new Briefing(key, place, world).with(bundles, asks));
    return Combinators.combine(
            session,
            briefing.injectNull(0.5),
            Arbitraries.longs(),
            Arbitraries.of(true, false),
            hash.list().ofMaxSize(3),
            call.list().ofMaxSize(4))
        .as((s, b, i, sub, h, c) -> new Request(s, b, i, sub, 7, h, List.copyOf(h), c));
  }

  @Provide
  Arbitrary<Response> responses() {
    Arbitrary<Response.Outcome> outcome =
        Combinators.combine(
                Arbitraries.of(Response.Kind.values()), Arbitraries.longs(), parts(3), parts(3))
            .as(Response.Outcome::new);
    Arbitrary<Response.Measure> measure =
        Combinators.combine(
                Arbitraries.of(true, false),
                Arbitraries.longs(),
                Arbitraries.longs(),
                Arbitraries.longs())
            .as(Response.Measure::new);
    Arbitrary<Known> known = bytes().map(b -> new Known(b, List.of(b)));
    return Combinators.combine(
            Arbitraries.longs(),
            Arbitraries.integers(),
            Arbitraries.strings(),
            Arbitraries.of(true, false),
            measure,
            measure.list().ofMaxSize(3),
            Combinators.combine(
                    Arbitraries.integers().list().ofMaxSize(3), known.list().ofMaxSize(3))
                .as(Response.News::new),
            outcome.list().ofMaxSize(4))
        .as(Response::new);
  }

  @Provide
  Arbitrary<Letter> letters() {
    Arbitrary<Letter.Message> message =
        Combinators.combine(Arbitraries.integers(), bytes()).as(Letter.Message::new);
    return Combinators.combine(message.list().ofMaxSize(4), parts(3)).as(Letter::new);
  }

  @Property(tries = 100)
  @Label("a request decodes to itself")
  void request(@ForAll("requests") Request r) {
    Request d = Request.decode(moved(r.encode()));
    assertThat(d.session()).isEqualTo(r.session());
    assertThat(d.briefing() == null).isEqualTo(r.briefing() == null);
    if (d.briefing() != null && r.briefing() != null) {
      assertThat(d.briefing().key()).isEqualTo(r.briefing().key());
      assertThat(d.briefing().place()).isEqualTo(r.briefing().place());
      assertThat(d.briefing().world()).isEqualTo(r.briefing().world());
      assertThat(d.briefing().bundles())
          .usingElementComparator((x, y) -> Arrays.compare(x.hash(), y.hash()))
          .isEqualTo(r.briefing().bundles());
      assertThat(d.briefing().bundles().stream().map(Briefing.Bundle::bytes))
          .containsExactlyElementsOf(
              r.briefing().bundles().stream().map(Briefing.Bundle::bytes).toList());
    }
    assertThat(d.invocation()).isEqualTo(r.invocation());
    assertThat(d.submitted()).isEqualTo(r.submitted());
    assertThat(d.version()).isEqualTo(r.version());
    assertThat(d.code()).usingElementComparator(Arrays::compare).isEqualTo(r.code());
    assertThat(d.content()).usingElementComparator(Arrays::compare).isEqualTo(r.content());
    assertThat(d.calls()).hasSameSizeAs(r.calls());
    for (int i = 0; i < r.calls().size(); i++) {
      Request.Call c = d.calls().get(i);
      assertThat(c.slot()).isEqualTo(r.calls().get(i).slot());
      assertThat(c.stored()).isEqualTo(r.calls().get(i).stored());
      assertThat(join(c.payload())).isEqualTo(join(r.calls().get(i).payload()));
      assertThat(c.messages()).isEqualTo(r.calls().get(i).messages());
    }
  }

  @Property(tries = 100)
  @Label("a response decodes to itself")
  void response(@ForAll("responses") Response r) {
    Response d = Response.decode(moved(r.encode()));
    assertThat(d.run()).isEqualTo(r.run());
    assertThat(d.letters()).isEqualTo(r.letters());
    assertThat(d.instance()).isEqualTo(r.instance());
    assertThat(d.first()).isEqualTo(r.first());
    assertThat(d.outcomes()).hasSameSizeAs(r.outcomes());
    for (int i = 0; i < r.outcomes().size(); i++) {
      Response.Outcome o = d.outcomes().get(i);
      assertThat(o.kind()).isEqualTo(r.outcomes().get(i).kind());
      assertThat(o.messages()).isEqualTo(r.outcomes().get(i).messages());
      assertThat(join(o.answer())).isEqualTo(join(r.outcomes().get(i).answer()));
    }
  }

  @Property(tries = 100)
  @Label("letters, replies and answers about code decode to themselves")
  void letter(@ForAll("letters") Letter l) {
    assertThat(Letter.decode(moved(l.encode()))).isEqualTo(l);
    List<Letter.Reply> replies = new ArrayList<>();
    List<Known> known = new ArrayList<>();
    for (ByteBuffer q : l.questions()) {
      replies.add(new Letter.Reply(q.remaining() % 2 == 0, List.of(q)));
      known.add(new Known(q, List.of(q)));
    }
    Letter.Replies all = new Letter.Replies(replies, known);
    assertThat(Letter.Replies.decode(moved(all.encode()))).isEqualTo(all);
    assertThat(Known.decode(moved(Known.encode(known)))).isEqualTo(known);
  }

  private static final List<Function<ByteBuffer, ?>> DECODERS =
      List.of(
          Request::decode, Response::decode, Letter::decode, Letter.Replies::decode, Known::decode);

  /** Anything may come of it, but nothing else than an envelope or the one exception. */
  private static void survive(byte[] garbage) {
    for (Function<ByteBuffer, ?> decoder : DECODERS) {
      try {
        assertThat(decoder.apply(ByteBuffer.wrap(garbage))).isNotNull();
      } catch (MalformedException e) {
        assertThat(e).hasMessageStartingWith("this is not what was sent");
      }
    }
  }

  @Property(tries = 2_000)
  @Label("garbage is malformed or an envelope, and takes no memory that it does not fill")
  void garbage(@ForAll("seeds") long seed) {
    Random r = new Random(seed);
    byte[] garbage = new byte[r.nextInt(200)];
    r.nextBytes(garbage);
    if (garbage.length > 0) {
      garbage[0] = (byte) r.nextInt(3);
    }
    for (int i = 1; i < garbage.length; i++) {
      garbage[i] = r.nextInt(3) > 0 ? (byte) r.nextInt(2) : garbage[i];
    }
    survive(garbage);
  }

  @Property(tries = 100)
  @Label("mutations of an envelope are malformed or another envelope")
  void mutations(
      @ForAll("requests") Request request,
      @ForAll("responses") Response response,
      @ForAll("letters") Letter letter,
      @ForAll("seeds") long seed) {
    Random r = new Random(seed);
    for (ByteBuffer b : List.of(request.encode(), response.encode(), letter.encode())) {
      byte[] bytes = new byte[b.remaining()];
      b.duplicate().get(bytes);
      for (int n = 1 + r.nextInt(3); n > 0; n--) {
        bytes[r.nextInt(bytes.length)] = (byte) (r.nextBoolean() ? -1 : r.nextInt());
      }
      survive(bytes);
      survive(Arrays.copyOf(bytes, r.nextInt(bytes.length + 20)));
    }
  }

  @Provide
  Arbitrary<Long> seeds() {
    return Arbitraries.longs();
  }

  @Property(tries = 100)
  @Label("what a vault has sealed it opens under that name and no other, and nothing else")
  void vault(@ForAll("bytes") ByteBuffer plain, @ForAll("seeds") long seed) {
    Random r = new Random(seed);
    byte[] key = new byte[Vault.KEY];
    r.nextBytes(key);
    Vault vault = new Vault(key);
    ByteBuffer box = vault.seal("a", List.of(plain.duplicate(), ByteBuffer.allocate(0)));
    assertThat(new Vault(key).open("a", box.asReadOnlyBuffer())).isEqualTo(plain);
    assertThatThrownBy(() -> vault.open("b", box)).isInstanceOf(MalformedException.class);
    key[r.nextInt(key.length)]++;
    assertThatThrownBy(() -> new Vault(key).open("a", box)).isInstanceOf(MalformedException.class);
    byte[] bytes = new byte[box.remaining()];
    box.duplicate().get(bytes);
    bytes[r.nextInt(bytes.length)]++;
    assertThatThrownBy(() -> vault.open("a", ByteBuffer.wrap(bytes)))
        .isInstanceOf(MalformedException.class);
    assertThatThrownBy(() -> vault.open("a", box.slice(0, r.nextInt(box.remaining()))))
        .isInstanceOf(MalformedException.class);
  }

  @Example
  @Label("a request that is mostly packed already is not packed again, and another one is")
  void packedOnce() {
    byte[] random = new byte[50_000];
    new Random(1).nextBytes(random);
    Briefing.Bundle bundle = new Briefing.Bundle(new byte[Request.HASH], ByteBuffer.wrap(random));
    ByteBuffer world = ByteBuffer.allocate(100_000);
    Briefing briefing =
        new Briefing(new byte[Vault.KEY], Map.of(), world).with(List.of(bundle), true);
    ByteBuffer few = request(briefing, ByteBuffer.allocate(1_000)).encode();
    assertThat(few.get(0)).isEqualTo((byte) 0);
    assertThat(few.remaining()).isBetween(51_000, 53_000);
    assertThat(Request.decode(few).briefing()).isNotNull();
    assertThat(Request.decode(few).briefing().world()).isEqualTo(world);
    ByteBuffer much = request(briefing, ByteBuffer.allocate(100_000)).encode();
    assertThat(much.get(0)).isEqualTo((byte) 1);
    assertThat(much.remaining()).isLessThan(53_000);
  }

  private static Request request(Briefing briefing, ByteBuffer payload) {
    Request.Call call = new Request.Call(0, false, List.of(payload), List.of());
    byte[] session = new byte[Request.SESSION];
    return new Request(session, briefing, 1, false, 1, List.of(), List.of(), List.of(call));
  }

  @Property(tries = 500)
  @Label("names of the inbox tell what they were made of and are in the order of the letters")
  void names(
      @ForAll("seeds") long invocation, @ForAll("seeds") long run, @ForAll("numbers") int number) {
    Names names = new Names(new byte[Request.SESSION]);
    String letter = names.letter(invocation, run, number);
    assertThat(names.incoming(letter))
        .isEqualTo(new Names.Incoming(false, invocation, run, number));
    assertThat(names.letter(invocation, run, number + 1)).isGreaterThan(letter);
    assertThat(names.incoming(names.answer(invocation, run)))
        .isEqualTo(new Names.Incoming(true, invocation, run, 0));
    assertThatThrownBy(() -> names.incoming(names.reply(invocation, run, number)))
        .isInstanceOf(MalformedException.class);
  }

  @Provide
  Arbitrary<Integer> numbers() {
    return Arbitraries.integers().between(0, 99_999_998);
  }
}
