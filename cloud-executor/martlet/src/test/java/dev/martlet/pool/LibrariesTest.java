package dev.martlet.pool;

import static org.assertj.core.api.Assertions.assertThat;

import com.esotericsoftware.kryo.Kryo;
import com.esotericsoftware.kryo.io.Input;
import com.esotericsoftware.kryo.io.Output;
import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import com.google.common.collect.Multimap;
import com.google.common.collect.MultimapBuilder;
import dev.martlet.CloudExecutorService;
import dev.martlet.CloudExecutors;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The user's own libraries in tasks, some of which Martlet has in other versions. */
@Timeout(60)
class LibrariesTest {
  private static CloudExecutorService pool;

  @BeforeAll
  static void start() {
    pool = CloudExecutors.builder().parallelism(1).workers(1).strict(true).build();
  }

  @AfterAll
  static void stop() {
    pool.close();
  }

  @Test
  @DisplayName("a task uses the user's Kryo")
  void kryo() throws Exception {
    List<String> copied =
        pool.submit(
                () -> {
                  Kryo kryo = new Kryo();
                  Output out = new Output(100, -1);
                  kryo.writeObject(out, new ArrayList<>(List.of("a", "b")));
                  List<String> copy = new ArrayList<>();
                  for (Object o : kryo.readObject(new Input(out.toBytes()), ArrayList.class)) {
                    copy.add((String) o);
                  }
                  copy.add(Kryo.class.getName());
                  return copy;
                })
            .get();
    assertThat(copied).containsExactly("a", "b", "com.esotericsoftware.kryo.Kryo");
  }

  @Test
  @DisplayName("Guava's collections go to a worker and come back")
  void guava() throws Exception {
    ImmutableMap<String, Integer> map = ImmutableMap.of("a", 1, "b", 2);
    ImmutableList<String> result =
        pool.submit(
                () ->
                    map.entrySet().stream()
                        .map(e -> e.getKey() + e.getValue())
                        .collect(ImmutableList.toImmutableList()))
            .get();
    assertThat(result).containsExactly("a1", "b2").isInstanceOf(ImmutableList.class);
    Multimap<String, Integer> multimap = MultimapBuilder.linkedHashKeys().arrayListValues().build();
    multimap.put("x", 1);
    pool.submit(
            () -> {
              multimap.put("x", 2);
            })
        .get();
    assertThat(multimap.get("x")).containsExactly(1, 2);
    assertThat(multimap.size()).isEqualTo(2);
  }
}
