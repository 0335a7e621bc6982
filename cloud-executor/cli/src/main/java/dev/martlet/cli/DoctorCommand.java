package dev.martlet.cli;

import dev.martlet.internal.aws.AwsSettings;
import dev.martlet.internal.aws.doctor.Doctor;
import dev.martlet.internal.aws.doctor.Finding;
import dev.martlet.internal.aws.doctor.Policies;
import java.io.PrintWriter;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Says what is missing. */
@Command(
    name = "doctor",
    mixinStandardHelpOptions = true,
    description = "Looks at all that calls need, and says which commands mend what is missing.")
final class DoctorCommand implements Callable<Integer> {
  @Mixin private Configuration configuration = new Configuration();

  @Option(names = "--policies", description = "Prints the policies of client and worker, too.")
  private boolean policies;

  @Override
  public Integer call() {
    AwsSettings settings = configuration.aws();
    PrintWriter out = configuration.out();
    Doctor doctor = new Doctor(settings);
    List<Finding> findings = doctor.examine();
    boolean well = true;
    for (Finding f : findings) {
      well &= f.state() != Finding.State.BAD;
      out.printf("%-4s %-12s %s%n", mark(f.state()), f.what(), f.detail());
      f.fixes().forEach(fix -> out.println("       " + fix));
    }
    if (policies) {
      Policies documents = doctor.policies();
      out.println("What the client may do:\n" + documents.client());
      out.println("What the worker's role may do:\n" + documents.worker());
      out.println("Who may take the worker's role:\n" + documents.trust());
    }
    out.flush();
    return well ? 0 : 1;
  }

  private static String mark(Finding.State state) {
    return switch (state) {
      case GOOD -> "ok";
      case WEAK -> "hint";
      case BAD -> "FAIL";
      case UNKNOWN -> "?";
    };
  }
}
