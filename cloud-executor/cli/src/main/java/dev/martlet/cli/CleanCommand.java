package dev.martlet.cli;

import dev.martlet.internal.aws.AwsClients;
import dev.martlet.internal.aws.AwsSettings;
import dev.martlet.internal.aws.s3.S3Store;
import dev.martlet.internal.function.Leftovers;
import dev.martlet.spi.Store;
import java.io.PrintWriter;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

/** Deletes objects that nobody needs any more. */
@Command(
    name = "clean",
    mixinStandardHelpOptions = true,
    description = {
      "Deletes from the bucket, under aws.prefix, what programs left that ended badly: everybody's",
      "sessions that are not in use and were last written a day ago, and code that is as old, if no",
      "session is in use and there is no job. A session is in use if it was written within five",
      "minutes; a program that computes away does that."
    })
final class CleanCommand implements Callable<Integer> {
  @Mixin private Configuration configuration = new Configuration();

  @ArgGroup private Whose whose = new Whose();

  /** What is deleted instead of all users' leftovers. */
  private static final class Whose {
    @Option(
        names = "--job",
        paramLabel = "NAME",
        description = "Deletes a detached job, whatever its age and its state, and nothing else.")
    private @Nullable String job;

    @Option(
        names = "--user",
        paramLabel = "NAME",
        arity = "0..1",
        fallbackValue = "",
        description = "Deletes what sessions of one user have left; your own without a name.")
    private @Nullable String user;

    @Option(
        names = "--all",
        description = "Deletes everything, jobs and code, too; no program may run meanwhile.")
    private boolean all;
  }

  @Option(
      names = "--older-than",
      paramLabel = "TIME",
      defaultValue = "1d",
      converter = Age.class,
      description = "What must have passed since, such as 30m, 12h; ${DEFAULT-VALUE} otherwise.")
  private Duration age = Duration.ofDays(1);

  @Option(names = "--dry-run", description = "Tells what there is to delete only.")
  private boolean dryRun;

  @Override
  public Integer call() {
    AwsSettings settings = configuration.aws();
    PrintWriter out = configuration.out();
    long objects = 0;
    long bytes = 0;
    try (Store store =
        new S3Store(AwsClients.s3(settings), settings.needBucket(), settings.prefix())) {
      Leftovers leftovers = new Leftovers(store, Instant.now());
      List<Leftovers.Owner> doomed = select(leftovers);
      for (Leftovers.Owner o : doomed) {
        objects += o.objects();
        bytes += o.bytes();
        if (o.isNamed()) {
          out.println(String.format(Locale.ROOT, "%s: %d objects", o, o.objects()));
        }
      }
      if (!dryRun) {
        leftovers.delete(doomed);
      }
    }
    out.println(
        String.format(
            Locale.ROOT,
            "%d objects, %.1f MB, %s.",
            objects,
            bytes / 1e6,
            dryRun ? "would be deleted" : "are deleted"));
    return 0;
  }

  private List<Leftovers.Owner> select(Leftovers leftovers) {
    if (whose.all) {
      return leftovers.all();
    }
    if (whose.job != null) {
      return leftovers.ofJob(whose.job);
    }
    String user = whose.user != null && whose.user.isEmpty() ? ownName() : whose.user;
    List<Leftovers.Owner> all = new ArrayList<>(leftovers.ofSessions(user, age));
    if (user == null) {
      all.addAll(leftovers.ofNobody(age));
    }
    return all;
  }

  private static String ownName() {
    return System.getProperty("user.name", "");
  }

  /** Reads a time. */
  static final class Age implements ITypeConverter<Duration> {
    private static final Pattern TIME = Pattern.compile("(\\d{1,9})([smhd])");

    @Override
    public Duration convert(String text) {
      Matcher m = TIME.matcher(text);
      if (!m.matches()) {
        throw new TypeConversionException("\"" + text + "\" is no time, such as 30m, 12h or 2d");
      }
      long n = Long.parseLong(m.group(1));
      return switch (m.group(2)) {
        case "s" -> Duration.ofSeconds(n);
        case "m" -> Duration.ofMinutes(n);
        case "h" -> Duration.ofHours(n);
        default -> Duration.ofDays(n);
      };
    }
  }
}
