package dev.martlet.programs;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.LinkedList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** What the comparison of outcomes tells apart. */
class ShapeTest {
  private static final class Node {
    Object value;
    Node next;

    Node(Object value) {
      this.value = value;
    }
  }

  @Test
  @DisplayName("graphs with equal values, classes and identities are alike")
  void alike() {
    assertThat(Shape.of(graph())).isEqualTo(Shape.of(graph()));
  }

  private static Object graph() {
    Node node = new Node(new int[] {1, 2});
    node.next = node;
    return Arrays.asList(node, node, new HashMap<>(Map.of("a", 1, "b", 2)), null, 1.5);
  }

  @Test
  @DisplayName("a shared object differs from two equal objects")
  void identity() {
    Node shared = new Node("v");
    assertThat(Shape.of(List.of(shared, shared)))
        .isNotEqualTo(Shape.of(List.of(new Node("v"), new Node("v"))));
  }

  @Test
  @DisplayName("values of different types differ")
  void types() {
    assertThat(Shape.of(1)).isNotEqualTo(Shape.of(1L));
    assertThat(Shape.of("1")).isNotEqualTo(Shape.of(1));
    assertThat(Shape.of(0.0)).isNotEqualTo(Shape.of(-0.0));
    assertThat(Shape.of(new ArrayList<>())).isNotEqualTo(Shape.of(new LinkedList<>()));
    assertThat(Shape.of(new Integer[0])).isNotEqualTo(Shape.of(new Number[0]));
  }

  @Test
  @DisplayName("a field deep in a graph counts")
  void fields() {
    Node a = new Node("v");
    a.next = new Node(new int[][] {{1}, {2}});
    Node b = new Node("v");
    b.next = new Node(new int[][] {{1}, {3}});
    assertThat(Shape.of(a)).isNotEqualTo(Shape.of(b));
  }

  @Test
  @DisplayName("order counts where a collection has one, and only there")
  void order() {
    List<String> words = List.of("a", "b", "c");
    List<String> reversed = List.of("c", "b", "a");
    assertThat(Shape.of(words)).isNotEqualTo(Shape.of(reversed));
    assertThat(Shape.of(new LinkedHashSet<>(words)))
        .isNotEqualTo(Shape.of(new LinkedHashSet<>(reversed)));
    assertThat(Shape.of(new HashSet<>(words))).isEqualTo(Shape.of(new HashSet<>(reversed)));
    Map<String, Integer> ab = new LinkedHashMap<>();
    ab.put("a", 1);
    ab.put("b", 2);
    Map<String, Integer> ba = new LinkedHashMap<>();
    ba.put("b", 2);
    ba.put("a", 1);
    assertThat(Shape.of(ab)).isNotEqualTo(Shape.of(ba));
    assertThat(Shape.of(new HashMap<>(ab))).isEqualTo(Shape.of(new HashMap<>(ba)));
  }

  @Test
  @DisplayName("the size of a map's table does not count, though its values are met in that order")
  void tableSize() {
    Node shared = new Node("v");
    Map<Integer, Object> small = new HashMap<>(2);
    Map<Integer, Object> large = new HashMap<>(64);
    for (int key : new int[] {16, 0, 1}) {
      Object value = key == 1 ? List.of(shared, new Node(key)) : List.of(new Node(key), shared);
      small.put(key, value);
      large.put(key, value);
    }
    assertThat(new ArrayList<>(small.keySet())).isNotEqualTo(new ArrayList<>(large.keySet()));
    assertThat(Shape.of(small)).isEqualTo(Shape.of(large));
    large.put(16, List.of(new Node(16), new Node("v")));
    assertThat(Shape.of(small)).isNotEqualTo(Shape.of(large));
  }

  @Test
  @DisplayName("of an exception, class, message, cause and suppressed count")
  void exceptions() {
    String plain = Shape.of(new IllegalStateException("m"));
    Exception suppressing = new IllegalStateException("m");
    suppressing.addSuppressed(new RuntimeException("s"));
    assertThat(Shape.of(new IllegalStateException("m"))).isEqualTo(plain);
    assertThat(Shape.of(new IllegalArgumentException("m"))).isNotEqualTo(plain);
    assertThat(Shape.of(new IllegalStateException("n"))).isNotEqualTo(plain);
    assertThat(Shape.of(new IllegalStateException("m", new Exception()))).isNotEqualTo(plain);
    assertThat(Shape.of(suppressing)).isNotEqualTo(plain);
  }
}
