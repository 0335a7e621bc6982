package dev.martlet.cli;

import dev.martlet.internal.aws.Version;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The command line. */
@Command(
    name = "martlet",
    description = "Deploys Martlet's worker to a cloud, and looks after what is there.",
    mixinStandardHelpOptions = true,
    versionProvider = Main.Versions.class,
    subcommands = {
      DeployCommand.class,
      DoctorCommand.class,
      HelloCommand.class,
      JobsCommand.class,
      LogsCommand.class,
      CleanCommand.class,
      UndeployCommand.class
    })
public final class Main implements Runnable {
  static final String STACK_TRACE = "--stacktrace";

  @SuppressWarnings("NullAway.Init") // by picocli
  @Spec
  private CommandSpec spec;

  /** Runs the command that the arguments name. */
  public static void main(String[] args) {
    System.exit(commandLine().execute(args));
  }

  static CommandLine commandLine() {
    return new CommandLine(new Main())
        .setExecutionExceptionHandler(
            (e, command, parsed) -> {
              command.getErr().println("martlet: " + message(e));
              if (parsed.expandedArgs().contains(STACK_TRACE)) {
                e.printStackTrace(command.getErr());
              }
              return 1;
            });
  }

  private static String message(Throwable e) {
    return e.getMessage() == null ? e.toString() : e.getMessage();
  }

  @Override
  public void run() {
    throw new ParameterException(spec.commandLine(), "Which command?");
  }

  /** Tells the version. */
  static final class Versions implements IVersionProvider {
    @Override
    public String[] getVersion() {
      return new String[] {"martlet " + Version.text()};
    }
  }
}
