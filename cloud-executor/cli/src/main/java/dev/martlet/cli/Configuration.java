package dev.martlet.cli;

import dev.martlet.internal.aws.AwsSettings;
import dev.martlet.internal.config.Settings;
import dev.martlet.spi.PoolSettings;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** The options that all commands have. */
final class Configuration {
  private static final String AWS = "aws-lambda";

  @Option(
      names = "--config",
      paramLabel = "FILE",
      description = "The settings; martlet.yaml of this directory otherwise.")
  private @Nullable Path file;

  @SuppressWarnings("UnusedVariable") // looked for when a command has failed
  @Option(names = Main.STACK_TRACE, description = "Tells of a failure where it happened, too.")
  private boolean stackTrace;

  @SuppressWarnings("NullAway.Init") // by picocli
  @Spec(Spec.Target.MIXEE)
  private CommandSpec command;

  /** Returns where the command prints. */
  PrintWriter out() {
    return command.commandLine().getOut();
  }

  /** Returns all settings, as a program in this directory has them. */
  Settings settings() {
    if (file != null) {
      if (!Files.isReadable(file)) {
        throw new IllegalArgumentException("--config: there is no file " + file);
      }
      System.setProperty("martlet.config", file.toAbsolutePath().toString());
    }
    return Settings.resolve(new PoolSettings(Map.of(), Map.of(), Map.of(), List.of(), null));
  }

  /** Returns the settings of AWS. */
  AwsSettings aws() {
    return AwsSettings.read(settings().section(AWS));
  }
}
