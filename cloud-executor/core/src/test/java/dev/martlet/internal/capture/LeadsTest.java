package dev.martlet.internal.capture;

import static org.assertj.core.api.Assertions.assertThat;

import dev.martlet.internal.codec.Border;
import dev.martlet.internal.codec.ClassPlan;
import dev.martlet.internal.codec.LambdaShape;
import dev.martlet.internal.codec.ObjectTable;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class LeadsTest {
  /** May hold anything; several of them tell one map from another. */
  static final class Holder {
    @Nullable Object value;
    @Nullable Object other;
  }

  static final class Outer {
    final Holder holder = new Holder();
    final List<Object> plain = new ArrayList<>();
  }

  static final Map<String, String> SHARED = new ConcurrentHashMap<>();
  static final List<String> OWN = new ArrayList<>();

  private static final FieldRef VALUE = ref(Holder.class, "value", Object.class);
  private static final FieldRef OTHER = ref(Holder.class, "other", Object.class);
  private static final FieldRef HOLDER = ref(Outer.class, "holder", Holder.class);

  private static FieldRef ref(Class<?> owner, String name, Class<?> type) {
    return new FieldRef(Hierarchy.internalName(owner), name, type.descriptorString());
  }

  /** A plan by which nothing stays home but the fields that are given. */
  private static Plan plan(Set<FieldRef> read) {
    boolean all = read.isEmpty();
    Findings findings =
        new Findings(
            read, Set.of(), Set.of(), Set.of(), Set.of(), Set.of(), Set.of(), Set.of(), Set.of(),
            Set.of(), Set.of(), false, all, false, false, false, false, false, Map.of());
    return new Plan(
        LeadsTest.class.getClassLoader(),
        Set.of(),
        true,
        findings,
        new Verdict(Verdict.Kind.HOME, ""),
        Border.OPEN);
  }

  private static @Nullable Leads leads(Plan plan, List<FieldRef> statics, Object... objects) {
    ObjectTable table = new ObjectTable();
    for (Object o : objects) {
      table.add(o);
    }
    return Leads.of(table, plan, statics, LeadsTest.class.getClassLoader());
  }

  private static Leads leads(Object... objects) {
    return Objects.requireNonNull(leads(plan(Set.of()), List.of(), objects));
  }

  @Test
  @DisplayName("a field leads if a thread-safe object can be reached through it, however deep")
  void fields() {
    Outer outer = new Outer();
    outer.plain.add("x");
    assertThat(leads(outer).fields()).isEmpty();
    outer.holder.value = new Object[] {"x", new AtomicLong()};
    outer.holder.other = new ArrayList<>(List.of("y"));
    assertThat(leads(outer).fields()).containsExactlyInAnyOrder(HOLDER, VALUE);
  }

  @Test
  @DisplayName("cycles end, and what leads back to a leading object leads")
  void cycles() {
    Holder a = new Holder();
    Holder b = new Holder();
    a.value = b;
    b.other = a;
    assertThat(leads(a).fields()).isEmpty();
    b.value = SHARED;
    assertThat(leads(a).fields()).containsExactlyInAnyOrder(VALUE, OTHER);
  }

  @Test
  @DisplayName("what stays home is not looked at")
  void pruned() {
    Outer outer = new Outer();
    outer.holder.value = SHARED;
    Leads all = leads(plan(Set.of(HOLDER, VALUE)), List.of(), outer);
    Leads some = leads(plan(Set.of(HOLDER, OTHER)), List.of(), outer);
    assertThat(Objects.requireNonNull(all).fields()).contains(HOLDER, VALUE);
    assertThat(Objects.requireNonNull(some).fields()).isEmpty();
  }

  @Test
  @DisplayName("a static field leads if its value does")
  void statics() {
    FieldRef shared = ref(LeadsTest.class, "SHARED", Map.class);
    FieldRef own = ref(LeadsTest.class, "OWN", List.class);
    Leads leads = leads(plan(Set.of()), List.of(shared, own), "x");
    assertThat(Objects.requireNonNull(leads).fields()).containsExactly(shared);
  }

  @Test
  @DisplayName("of a lambda's captured values those lead that do, by their slots in the body")
  void lambdas() {
    long wide = 7;
    double wider = 8;
    List<String> own = OWN;
    Map<String, String> shared = SHARED;
    Supplier<Object> task = () -> wide + wider + own.size() + shared.size();
    LambdaShape shape = Objects.requireNonNull(ClassPlan.of(task.getClass()).shape());
    String body =
        Hierarchy.internalName(LeadsTest.class)
            + '.'
            + shape.name()
            + shape.implementationType().toMethodDescriptorString();
    Leads leads = leads(task);
    assertThat(leads.bodies()).containsExactly(Map.entry(body, 6));
    assertThat(leads.mayLead(body, 5)).isTrue();
    for (int slot = 0; slot < 5; slot++) {
      assertThat(leads.mayLead(body, slot)).isFalse();
    }
  }

  @Test
  @DisplayName("a graph that is too large is not looked at")
  void large() {
    Object[] many = new Object[10_001];
    for (int i = 0; i < many.length; i++) {
      many[i] = new Holder();
    }
    assertThat(leads(plan(Set.of()), List.of(), many)).isNull();
    assertThat(leads(plan(Set.of()), List.of(), (Object) many)).isNull();
  }

  @Test
  @DisplayName("leads can be joined, and the sum contains its parts")
  void sums() {
    Holder value = new Holder();
    value.value = SHARED;
    Holder other = new Holder();
    other.other = SHARED;
    Leads one = leads(value);
    Leads two = leads(other);
    Leads both = one.with(two);
    assertThat(both.contains(one)).isTrue();
    assertThat(both.contains(two)).isTrue();
    assertThat(one.contains(both)).isFalse();
    assertThat(both.fields()).containsExactlyInAnyOrder(VALUE, OTHER);
  }
}
