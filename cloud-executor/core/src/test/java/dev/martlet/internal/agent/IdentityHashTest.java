package dev.martlet.internal.agent;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class IdentityHashTest {
  @Test
  @DisplayName("A new object has the hash code that it is given, for good")
  void given() {
    assertThat(IdentityHash.canBeGiven()).isTrue();
    List<Object> objects = new ArrayList<>();
    int[] hashes = {1, 2, 0x55AA_55AA, 0x2A55_AA55, Integer.MAX_VALUE, 0x4000_0000};
    for (int hash : hashes) {
      Object o = new int[] {hash};
      assertThat(IdentityHash.give(o, hash)).isTrue();
      objects.add(o);
    }
    System.gc();
    for (int i = 0; i < hashes.length; i++) {
      Object o = objects.get(i);
      synchronized (o) {
        assertThat(System.identityHashCode(o)).isEqualTo(hashes[i]);
      }
      System.gc();
      assertThat(System.identityHashCode(o)).isEqualTo(hashes[i]);
      assertThat((int[]) o).containsExactly(hashes[i]);
    }
    assertThat(new HashSet<>(objects)).hasSize(hashes.length);
  }

  @Test
  @DisplayName("An object that has a hash code keeps it")
  void kept() {
    Object o = new Object();
    int hash = o.hashCode();
    assertThat(IdentityHash.give(o, hash ^ 1)).isFalse();
    assertThat(IdentityHash.give(o, hash)).isTrue();
    assertThat(o.hashCode()).isEqualTo(hash);
  }

  @Test
  @DisplayName("A hash code is known from when it was asked for, of a locked object always")
  void known() {
    Object o = new Object();
    assertThat(IdentityHash.known(o)).isZero();
    int hash = System.identityHashCode(o);
    assertThat(IdentityHash.known(o)).isEqualTo(hash);
    Object locked = new Object();
    synchronized (locked) {
      assertThat(IdentityHash.known(locked)).isEqualTo(System.identityHashCode(locked));
    }
  }

  @Test
  @DisplayName("An object that is locked, or has been waited for, is left alone")
  void locked() throws InterruptedException {
    Object o = new Object();
    synchronized (o) {
      assertThat(IdentityHash.give(o, 4711)).isFalse();
      o.wait(1);
      assertThat(IdentityHash.give(o, 4711)).isFalse();
    }
    assertThat(o.hashCode()).isEqualTo(System.identityHashCode(o));
  }

  @Test
  @DisplayName("What is no hash code of this JVM is not given")
  void none() {
    assertThat(IdentityHash.give(new Object(), 0)).isFalse();
    assertThat(IdentityHash.give(new Object(), -5)).isFalse();
  }
}
