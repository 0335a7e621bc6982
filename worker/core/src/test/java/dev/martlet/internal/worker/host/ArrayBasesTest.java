package dev.martlet.internal.worker.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.martlet.internal.classpath.ClassWorld;
import dev.martlet.internal.codec.ArrayImage;
import dev.martlet.internal.codec.ArrayMirrors;
import dev.martlet.internal.codec.ArrayVolume;
import dev.martlet.internal.codec.Border;
import dev.martlet.internal.codec.ClassSpace;
import dev.martlet.internal.codec.CodecException;
import dev.martlet.internal.codec.GraphDecoder;
import dev.martlet.internal.codec.GraphEncoder;
import dev.martlet.internal.codec.ObjectTable;
import dev.martlet.internal.codec.Trust;
import dev.martlet.internal.effects.Commit;
import dev.martlet.internal.effects.OperationLog;
import dev.martlet.internal.effects.Twins;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Long arrays between a client and its workers, without the line between them. */
class ArrayBasesTest {
  private static final long MB = 1 << 20;

  private static final ClassSpace SPACE =
      new ClassSpace() {
        @Override
        public int idOf(Class<?> type) {
          return ClassWorld.JDK;
        }

        @Override
        public Class<?> load(int loaderId, String name) throws ClassNotFoundException {
          return Class.forName(name, false, ClassLoader.getPlatformClassLoader());
        }

        @Override
        public boolean isApplication(Class<?> type) {
          return false;
        }
      };

  private ArrayMirrors mirrors = new ArrayMirrors(1 << 15, 1 << 18, 16 * MB);

  // What lies in a store, by name; null where workers ask.
  private @Nullable Map<String, byte[]> store;

  ArrayBasesTest() {
    mirrors.open();
  }

  private void openStored() {
    mirrors = new ArrayMirrors(1 << 18, 1 << 18, 16 * MB);
    mirrors.openStored();
    store = new HashMap<>();
  }

  /** A call over one array. */
  private final class Call {
    final ObjectTable home;
    final ObjectTable away = new ObjectTable();
    final Twins twins = new Twins(away);
    final List<byte[]> segments = new ArrayList<>();
    final int[] live;
    final int[] sent;
    final byte[] request;
    final ArrayBases bases;
    final long number;
    int[] copy = {};
    int[] shown = {};
    boolean[] changed = {};
    final List<ArrayBases.Spare> spare = new ArrayList<>();
    int fetched;
    boolean told;

    Call(int[] live, ArrayBases bases) throws Exception {
      this.home = new ObjectTable();
      this.live = live;
      this.sent = live.clone();
      this.bases = bases;
      GraphEncoder out = new GraphEncoder(SPACE, Border.OPEN, home);
      out.mirrors(mirrors);
      out.write(live);
      request = out.toByteArray();
      number = mirrors.nextNumber();
      Map<String, byte[]> to = store;
      if (to != null) {
        for (ArrayImage image : home.images(0)) {
          ArrayVolume.of(image).forEach(v -> store(to, v, image));
        }
        home.dropPieces();
      }
    }

    private void store(Map<String, byte[]> to, ArrayVolume v, ArrayImage image) {
      ByteArrayOutputStream bytes = new ByteArrayOutputStream();
      for (ByteBuffer b : v.encode(image)) {
        byte[] part = new byte[b.remaining()];
        b.get(part);
        bytes.writeBytes(part);
      }
      byte[] former = to.get(v.name());
      if (former == null || former.length < bytes.size()) {
        to.put(v.name(), bytes.toByteArray());
      }
    }

    private Call(Call c, ArrayBases bases) {
      live = c.live;
      sent = c.sent;
      request = c.request;
      number = c.number;
      home = c.home;
      this.bases = bases;
    }

    /** Returns another run of the same attempt. */
    Call again(ArrayBases on) {
      return new Call(this, on);
    }

    void decode() {
      GraphDecoder in =
          new GraphDecoder(SPACE, Border.OPEN, away, ByteBuffer.wrap(request), Trust.FULL);
      in.images(
          (id, array, again, bytes, versions, blank) ->
              bases.arrive(
                  array,
                  again,
                  bytes,
                  versions,
                  blank,
                  which ->
                      store == null
                          ? fetch(id, which)
                          : read(store, array, bytes, versions, which)));
      away.keepOrigins();
      copy = (int[]) in.read();
      twins.cover();
      shown = copy.clone();
      changed = new boolean[copy.length];
    }

    private byte[][] fetch(int id, int[] which) {
      ArrayImage image = home.image(id);
      fetched += which.length;
      return Arrays.stream(which).mapToObj(i -> image.pieces()[i].clone()).toArray(byte[][]::new);
    }

    private byte[][] read(
        Map<String, byte[]> from, long array, long bytes, long[] versions, int[] which) {
      fetched += which.length;
      byte[][] found = new byte[versions.length][];
      for (ArrayVolume v : ArrayVolume.of(array, versions, which)) {
        v.decode(ByteBuffer.wrap(from.get(v.name())), bytes, found);
      }
      return Arrays.stream(which).mapToObj(i -> found[i]).toArray(byte[][]::new);
    }

    void segment(boolean last) throws Exception {
      for (int i = 0; i < copy.length; i++) {
        changed[i] |= copy[i] != shown[i];
        shown[i] = copy[i];
      }
      GraphEncoder out = new GraphEncoder(SPACE, Border.OPEN, away);
      if (twins.writeChanges(out, last) > 0) {
        out.writeInt(0); // statics
        out.writeInt(0); // thread-locals
        new OperationLog().drain(out);
        segments.add(out.toByteArray());
      }
      if (last && !told) {
        told = true;
        twins.tell(
            (array, before, now, atOnce) ->
                spare.add(bases.written(array, before, now, atOnce && store == null ? number : 0)));
      }
    }

    void commit() throws Throwable {
      for (byte[] segment : segments) {
        GraphDecoder in =
            new GraphDecoder(SPACE, Border.OPEN, home, ByteBuffer.wrap(segment), Trust.INBOUND);
        Commit commit = Commit.read(in, home, null);
        commit.apply();
        if (segments.size() == 1) {
          commit.tell(mirrors, number);
        }
      }
    }
  }

  private static void write(int[] a, Random r) {
    int from = r.nextInt(a.length);
    int to = Math.min(a.length, from + 1 + (r.nextBoolean() ? r.nextInt(5) : r.nextInt(40_000)));
    int step = 1 + r.nextInt(3);
    for (int i = from; i < to; i += step) {
      a[i] = r.nextInt(4);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4, 5, 6, 7, 8})
  @DisplayName("whoever writes in whatever order, a task sees what its array held when it was sent")
  void exact(int seed) throws Throwable {
    for (int run = 0; run < 25; run++) {
      Random r = new Random(seed * 1000L + run);
      long capacity = r.nextBoolean() ? MB : 64 * MB;
      ArrayBases[] workers = {new ArrayBases(capacity), new ArrayBases(capacity)};
      int[][] arrays = new int[3][];
      int[][] expected = new int[3][];
      for (int i = 0; i < arrays.length; i++) {
        arrays[i] = r.ints(20_000 + r.nextInt(150_000), 0, 4).toArray();
        expected[i] = arrays[i].clone();
      }
      List<Call> sent = new ArrayList<>();
      List<Call> running = new ArrayList<>();
      for (int step = 0; step < 120; step++) {
        int i = r.nextInt(arrays.length);
        switch (r.nextInt(8)) {
          case 0 -> {
            long same = r.nextLong();
            write(arrays[i], new Random(same));
            write(expected[i], new Random(same));
          }
          case 1, 2 -> sent.add(new Call(arrays[i], workers[r.nextInt(2)]));
          case 3, 4 -> {
            if (!sent.isEmpty()) {
              Call c = sent.remove(r.nextInt(sent.size()));
              c.decode();
              assertThat(Arrays.mismatch(c.copy, c.sent)).isEqualTo(-1);
              running.add(c);
            }
          }
          case 5 -> {
            if (!running.isEmpty()) {
              Call c = running.get(r.nextInt(running.size()));
              write(c.copy, r);
              if (r.nextInt(4) == 0) {
                c.segment(false);
              }
            }
          }
          case 6 -> {
            if (!running.isEmpty()) {
              end(running.remove(r.nextInt(running.size())), r, arrays, expected);
            }
          }
          default -> {
            if (r.nextInt(20) == 0) {
              workers[r.nextInt(2)] = new ArrayBases(capacity);
            }
          }
        }
        for (int k = 0; k < arrays.length; k++) {
          assertThat(Arrays.mismatch(arrays[k], expected[k])).isEqualTo(-1);
        }
      }
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4})
  @DisplayName("the same where pieces lie in a store, and calls are run twice")
  void exactByStore(int seed) throws Throwable {
    for (int run = 0; run < 15; run++) {
      openStored();
      Random r = new Random(seed * 1000L + run);
      ArrayBases[] workers = {new ArrayBases(MB), new ArrayBases(64 * MB)};
      int[] array = r.ints(270_000 + r.nextInt(200_000), 0, 4).toArray();
      int[] expected = array.clone();
      int[][] arrays = {array};
      int[][] all = {expected};
      List<Call> sent = new ArrayList<>();
      for (int step = 0; step < 60; step++) {
        switch (r.nextInt(4)) {
          case 0 -> {
            long same = r.nextLong();
            write(array, new Random(same));
            write(expected, new Random(same));
          }
          case 1, 2 -> sent.add(new Call(array, workers[r.nextInt(2)]));
          default -> {
            if (!sent.isEmpty()) {
              Call c = sent.remove(r.nextInt(sent.size()));
              c.decode();
              assertThat(Arrays.mismatch(c.copy, c.sent)).isEqualTo(-1);
              write(c.copy, r);
              if (r.nextBoolean()) {
                // A run that nobody hears of, and then the one that counts.
                c.segment(true);
                c.spare.forEach(c.bases::give);
                c = c.again(workers[r.nextInt(2)]);
                c.decode();
                assertThat(Arrays.mismatch(c.copy, c.sent)).isEqualTo(-1);
                write(c.copy, r);
              }
              end(c, r, arrays, all);
            }
          }
        }
        assertThat(Arrays.mismatch(array, expected)).isEqualTo(-1);
      }
    }
  }

  @Test
  @DisplayName("however often an array has changed, it lies in few volumes")
  void fewVolumes() throws Exception {
    openStored();
    int[] live = array();
    ArrayBases worker = new ArrayBases(64 * MB);
    for (int i = 0; i < 50; i++) {
      live[i % 18 << 14] = -i;
      Call c = new Call(live, worker);
      c.decode();
      assertThat(Arrays.mismatch(c.copy, live)).isEqualTo(-1);
      List<ArrayImage> images = c.home.images(0);
      long[] versions = images.get(0).versions();
      assertThat(Arrays.stream(versions).distinct().count()).isLessThanOrEqualTo(8);
    }
  }

  private static void end(Call c, Random r, int[][] arrays, int[][] expected) throws Throwable {
    if (r.nextInt(6) > 0) {
      c.segment(true);
    }
    if (r.nextInt(6) > 0 && c.told) {
      if (r.nextBoolean()) {
        c.spare.forEach(c.bases::give);
        c.spare.clear();
        // A copy, since the array is another's now.
        c.copy = c.copy.clone();
      }
      c.commit();
      for (int k = 0; k < arrays.length; k++) {
        for (int j = 0; arrays[k] == c.live && j < c.sent.length; j++) {
          if (c.changed[j]) {
            expected[k][j] = c.shown[j];
          }
        }
      }
      c.spare.forEach(c.bases::give);
    }
  }

  @Test
  @DisplayName("a call gets the array of one that has ended, and no other's")
  void spares() throws Throwable {
    int[] live = array();
    ArrayBases worker = new ArrayBases(64 * MB);
    new Call(live, worker).decode();
    Call a = new Call(live, worker);
    a.decode();
    a.copy[5]++;
    a.copy[200_000]++;
    a.segment(true);
    Call b = new Call(live, worker);
    b.decode();
    assertThat(b.copy).isNotSameAs(a.copy);
    a.spare.forEach(worker::give);
    live[200_000]--;
    Call c = new Call(live, worker);
    c.decode();
    assertThat(c.copy).isSameAs(a.copy);
    assertThat(Arrays.mismatch(c.copy, live)).isEqualTo(-1);
    Call d = new Call(live, worker);
    d.decode();
    assertThat(d.copy).isNotSameAs(c.copy).isNotSameAs(b.copy);
  }

  private static int[] array() {
    return new Random(3).ints(300_000).toArray();
  }

  @Test
  @DisplayName("a worker does not fetch what its own call has written")
  void ownResults() throws Throwable {
    int[] live = array();
    ArrayBases worker = new ArrayBases(64 * MB);
    ArrayBases other = new ArrayBases(64 * MB);
    for (int i = 0; i < 4; i++) {
      Call c = new Call(live, worker);
      c.decode();
      assertThat(c.fetched).isEqualTo(i == 0 ? ArrayImage.count(4L * live.length) : 0);
      c.copy[150_000 + i] = i;
      c.segment(true);
      c.commit();
      assertThat(live[150_000 + i]).isEqualTo(i);
      Call d = new Call(live, other);
      d.decode();
      assertThat(d.fetched).isEqualTo(i == 0 ? ArrayImage.count(4L * live.length) : 1);
      assertThat(Arrays.mismatch(d.copy, live)).isEqualTo(-1);
    }
  }

  @Test
  @DisplayName("what a call has written that does not count is fetched again")
  void rejected() throws Throwable {
    int[] live = array();
    ArrayBases worker = new ArrayBases(64 * MB);
    Call lost = new Call(live, worker);
    lost.decode();
    lost.copy[5] = -1;
    lost.segment(true);
    for (int i = 0; i < 2; i++) {
      Call next = new Call(live, worker);
      next.decode();
      assertThat(Arrays.mismatch(next.copy, live)).isEqualTo(-1);
      assertThat(next.fetched).isEqualTo(i == 0 ? 1 : 0);
    }
  }

  @Test
  @DisplayName("calls that arrive together fetch an array once")
  void together() throws Exception {
    int[] live = array();
    ArrayBases worker = new ArrayBases(64 * MB);
    AtomicInteger fetched = new AtomicInteger();
    CountDownLatch all = new CountDownLatch(4);
    ExecutorService threads = Executors.newFixedThreadPool(4);
    try {
      List<Future<?>> futures = new ArrayList<>();
      for (int i = 0; i < 4; i++) {
        Call c = new Call(live, worker);
        futures.add(
            threads.submit(
                () -> {
                  all.countDown();
                  all.await();
                  c.decode();
                  fetched.addAndGet(c.fetched);
                  assertThat(Arrays.mismatch(c.copy, live)).isEqualTo(-1);
                  return null;
                }));
      }
      for (Future<?> f : futures) {
        f.get();
      }
    } finally {
      threads.shutdownNow();
    }
    assertThat(fetched).hasValue(ArrayImage.count(4L * live.length));
  }

  @Test
  @DisplayName("a call that cannot fetch leaves the array to the next one")
  void failedFetch() throws Exception {
    int[] live = array();
    ArrayBases worker = new ArrayBases(64 * MB);
    Call c = new Call(live, worker);
    GraphDecoder in =
        new GraphDecoder(SPACE, Border.OPEN, c.away, ByteBuffer.wrap(c.request), Trust.FULL);
    in.images(
        (id, array, again, bytes, versions, blank) ->
            worker.arrive(
                array,
                again,
                bytes,
                versions,
                blank,
                which -> {
                  throw new CodecException("no");
                }));
    assertThatThrownBy(in::read).isInstanceOf(CodecException.class);
    Call next = new Call(live, worker);
    next.decode();
    assertThat(Arrays.mismatch(next.copy, live)).isEqualTo(-1);
  }

  @Test
  @DisplayName("a client takes no image of an array from a worker")
  void notInbound() throws Exception {
    Call c = new Call(array(), new ArrayBases(64 * MB));
    GraphDecoder in =
        new GraphDecoder(SPACE, Border.OPEN, c.away, ByteBuffer.wrap(c.request), Trust.INBOUND);
    assertThatThrownBy(in::read).isInstanceOf(CodecException.class);
  }

  @Test
  @DisplayName("what a worker keeps is bounded, and so is what passes by")
  void bounded() throws Exception {
    ArrayBases worker = new ArrayBases(4 * MB);
    List<int[]> arrays = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      int[] live = array();
      arrays.add(live);
      new Call(live, worker).decode();
      assertThat(worker.held()).isLessThanOrEqualTo(4 * MB);
    }
    for (int[] live : arrays) {
      new Call(live, worker).decode();
      Call c = new Call(live, worker);
      c.decode();
      assertThat(c.fetched).isZero();
      assertThat(worker.held()).isLessThanOrEqualTo(4 * MB);
    }
  }
}
