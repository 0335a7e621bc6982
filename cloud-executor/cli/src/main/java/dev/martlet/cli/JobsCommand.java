package dev.martlet.cli;

import dev.martlet.CloudJob.Entry;
import dev.martlet.CloudJob.State;
import dev.martlet.internal.aws.AwsSettings;
import dev.martlet.internal.aws.LambdaPlatformProvider;
import dev.martlet.internal.job.JobKeys;
import dev.martlet.internal.job.JobRecords;
import dev.martlet.spi.Depot;
import java.io.PrintWriter;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Looks after jobs. */
@Command(
    name = "jobs",
    mixinStandardHelpOptions = true,
    description = {
      "Lists the jobs in the bucket; or tells what has become of the tasks of one, and does",
      "something about it. Results are for programs that attach to the job."
    })
final class JobsCommand implements Callable<Integer> {
  @Mixin private Configuration configuration = new Configuration();

  @SuppressWarnings("NullAway.Init") // by picocli
  @Spec
  private CommandSpec spec;

  @Parameters(index = "0", arity = "0..1", paramLabel = "NAME", description = "Which job.")
  private @Nullable String name;

  @Option(names = "--tasks", description = "Lists the tasks that are in one of these states.")
  private @Nullable List<State> tasks;

  @Option(names = "--cancel", paramLabel = "TASK", description = "Cancels a task.")
  private @Nullable List<Integer> cancelled;

  @Option(names = "--flush", description = "Cancels all that has not begun.")
  private boolean flush;

  @Option(names = "--resubmit", description = "Has all run again that has failed or was lost.")
  private boolean resubmit;

  @Option(names = "--delete", description = "Cancels what has not ended, and deletes the job.")
  private boolean delete;

  @Override
  public Integer call() {
    AwsSettings settings = configuration.aws();
    try (Depot depot = LambdaPlatformProvider.depot(settings)) {
      JobKeys keys = new JobKeys(configuration.settings().jobs().orElse(null), depot.place());
      if (name == null) {
        if (flush || resubmit || delete || cancelled != null || tasks != null) {
          throw new ParameterException(spec.commandLine(), "Of which job?");
        }
        list(depot, keys);
      } else {
        act(name, depot, keys);
      }
    }
    configuration.out().flush();
    return 0;
  }

  private void list(Depot depot, JobKeys keys) {
    PrintWriter out = configuration.out();
    List<String> jobs = JobRecords.list(depot.store());
    for (String job : jobs) {
      out.println(job + "  " + describe(job, depot, keys));
    }
    out.println(jobs.size() + " jobs.");
  }

  private static String describe(String job, Depot depot, JobKeys keys) {
    try {
      JobRecords records = JobRecords.open(depot, job, keys.find(job));
      Instant made =
          Instant.ofEpochMilli(records.record().madeMillis()).truncatedTo(ChronoUnit.SECONDS);
      return made + "  " + text(records.states()) + "  " + records.record().program();
    } catch (IllegalStateException e) {
      return String.valueOf(e.getMessage());
    }
  }

  private static String text(Map<State, Integer> states) {
    List<String> parts = new ArrayList<>();
    states.forEach(
        (state, count) -> {
          if (count > 0) {
            parts.add(count + " " + state);
          }
        });
    return parts.isEmpty() ? "no tasks" : String.join(", ", parts);
  }

  private void act(String job, Depot depot, JobKeys keys) {
    PrintWriter out = configuration.out();
    JobRecords records = JobRecords.open(depot, job, keys.find(job));
    if (cancelled != null) {
      for (int task : cancelled) {
        out.println(
            "task " + task + (records.cancel(task) ? " is cancelled." : " was over already."));
      }
    }
    if (flush) {
      out.println(records.flush() + " tasks are cancelled unless they have begun.");
    }
    if (resubmit) {
      out.println(records.resubmit() + " tasks run again.");
    }
    if (delete) {
      records.delete();
      keys.forget(job);
      out.println(job + " is deleted.");
      return;
    }
    if (tasks != null) {
      for (Entry e : records.entries()) {
        if (tasks.contains(e.state())) {
          out.println(e.index() + "  " + e.state());
        }
      }
    }
    out.println(job + "  " + describe(job, depot, keys));
  }
}
