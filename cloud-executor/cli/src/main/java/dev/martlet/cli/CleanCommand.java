package dev.martlet.cli;

import dev.martlet.internal.aws.AwsClients;
import dev.martlet.internal.aws.AwsSettings;
import dev.martlet.internal.aws.s3.S3Store;
import dev.martlet.spi.Store;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Deletes objects that nobody needs any more. */
@Command(
    name = "clean",
    mixinStandardHelpOptions = true,
    description = {
      "Deletes what programs that ended badly left in the bucket, under aws.prefix:",
      "what is older than a day, or all of it."
    })
final class CleanCommand implements Callable<Integer> {
  @Mixin private Configuration configuration = new Configuration();

  @Option(
      names = "--older",
      paramLabel = "HOURS",
      defaultValue = "24",
      description = "Deletes what was written so many hours ago; ${DEFAULT-VALUE} otherwise.")
  private int hours;

  @Option(names = "--all", description = "Deletes everything; no program may run meanwhile.")
  private boolean all;

  @Option(names = "--dry-run", description = "Counts only.")
  private boolean dryRun;

  @Override
  public Integer call() {
    AwsSettings settings = configuration.aws();
    Instant before = Instant.now().minus(Duration.ofHours(hours));
    long count = 0;
    long bytes = 0;
    try (Store store =
        new S3Store(AwsClients.s3(settings), settings.needBucket(), settings.prefix())) {
      String after = "";
      Store.Page page;
      do {
        String from = after;
        page = await(() -> store.list("", from));
        List<String> keys = new ArrayList<>();
        for (Store.Item item : page.items()) {
          after = item.key();
          if (all || item.modified().isBefore(before)) {
            keys.add(item.key());
            bytes += item.size();
          }
        }
        count += keys.size();
        if (!dryRun && !keys.isEmpty()) {
          await(() -> store.delete(keys));
        }
      } while (page.more());
    }
    configuration
        .out()
        .println(
            String.format(
                Locale.ROOT,
                "%d objects, %.1f MB, %s.",
                count,
                bytes / 1e6,
                dryRun ? "would be deleted" : "are deleted"));
    return 0;
  }

  private static <T extends @Nullable Object> T await(Supplier<CompletableFuture<T>> operation) {
    try {
      return operation.get().join();
    } catch (CompletionException e) {
      if (e.getCause() instanceof RuntimeException cause) {
        throw cause;
      }
      throw e;
    }
  }
}
