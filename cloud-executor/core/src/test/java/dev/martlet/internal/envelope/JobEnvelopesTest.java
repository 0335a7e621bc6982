package dev.martlet.internal.envelope;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is written of jobs is read again, and nothing else is. */
class JobEnvelopesTest {
  private static final byte[] KEY = new byte[Vault.KEY];

  private static ByteBuffer bytes(String s) {
    return ByteBuffer.wrap(s.getBytes(StandardCharsets.UTF_8));
  }

  @Test
  @DisplayName("an event is read as it was written, and told from a request")
  void events() {
    JobEvent event = new JobEvent(Map.of("where", "here"), "job", KEY, JobNames.group(512), 77);
    JobEvent read = JobEvent.decode(event.encode());
    assertThat(JobEvent.is(event.encode())).isTrue();
    assertThat(read).usingRecursiveComparison().isEqualTo(event);
    ByteBuffer request =
        new Request(
                new byte[Request.SESSION],
                new Briefing(KEY, Map.of(), bytes("world")),
                1,
                true,
                0,
                List.of(),
                List.of(),
                List.of())
            .encode();
    assertThat(JobEvent.is(request)).isFalse();
    assertThatThrownBy(() -> JobEvent.decode(request)).isInstanceOf(MalformedException.class);
  }

  @Test
  @DisplayName("a group is read as it was written")
  void groups() {
    JobGroup group =
        new JobGroup(
            new byte[Request.SESSION],
            bytes("world"),
            3,
            List.of(new byte[Request.HASH]),
            List.of(new byte[Request.HASH], new byte[Request.HASH]),
            List.of(new Known(bytes("question"), List.of(bytes("answer")))),
            List.of("a.B"),
            List.of(
                new JobGroup.Task(5, List.of(bytes("one"), bytes(" task"))),
                new JobGroup.Task(6, List.of(bytes("another")))));
    JobGroup read = JobGroup.decode(group.encode());
    assertThat(read.version()).isEqualTo(3);
    assertThat(read.world()).isEqualTo(bytes("world"));
    assertThat(read.initialised()).containsExactly("a.B");
    assertThat(read.content()).hasSize(2);
    assertThat(read.known()).hasSize(1);
    assertThat(read.tasks()).hasSize(2);
    assertThat(read.tasks().get(0).index()).isEqualTo(5);
    assertThat(read.tasks().get(0).payload()).containsExactly(bytes("one task"));
    ByteBuffer cut = group.encode();
    cut.limit(cut.limit() - 1);
    assertThatThrownBy(() -> JobGroup.decode(cut)).isInstanceOf(MalformedException.class);
  }

  @Test
  @DisplayName("outcomes are read as they were written")
  void parts() {
    JobPart part =
        new JobPart(
            -5,
            "instance",
            List.of(
                new JobPart.Outcome(
                    JobPart.End.DONE, Response.Kind.ANSWERED, List.of(bytes("line")), bytes("1")),
                new JobPart.Outcome(
                    JobPart.End.CANCELLED, Response.Kind.STORED, List.of(), bytes(""))));
    assertThat(JobPart.decode(part.encode())).isEqualTo(part);
    assertThatThrownBy(() -> JobPart.decode(bytes("\0nonsense")))
        .isInstanceOf(MalformedException.class);
  }

  @Test
  @DisplayName("names tell what they are names of")
  void names() {
    JobNames names = new JobNames("a.job-1", KEY);
    String group = names.group(JobNames.group(12), 34);
    assertThat(group).startsWith("jobs/a.job-1/");
    assertThat(names.ofGroup(group)).isEqualTo(new JobNames.Group("0000000012", 34));
    assertThat(names.ofGroup(names.group(JobNames.again(3), 1)))
        .isEqualTo(new JobNames.Group("r000003", 1));
    assertThat(names.ofGroup(group).isAgain()).isFalse();
    assertThat(names.ofPart(names.part("r000003", 8))).isEqualTo(new JobNames.Part("r000003", 8));
    assertThat(names.ofLife(names.life("r000003"))).isEqualTo("r000003");
    assertThat(JobNames.ofAny(group)).isEqualTo("a.job-1");
    assertThat(names.ofPart(group)).isNull();
    assertThat(names.ofLife(names.life("r000003") + "-1")).isNull();
    assertThat(new JobNames("other", KEY).ofGroup(group)).isNull();
    assertThat(JobNames.ofAny("code/1")).isNull();
    assertThat(JobNames.last("a.job-1")).isGreaterThan(group);
  }

  @ParameterizedTest
  @DisplayName("a job is called as objects may be called")
  @ValueSource(strings = {"", "a/b", "..", "a b", "ü", "-a"})
  void badNames(String name) {
    assertThatIllegalArgumentException().isThrownBy(() -> JobNames.all(name));
  }
}
