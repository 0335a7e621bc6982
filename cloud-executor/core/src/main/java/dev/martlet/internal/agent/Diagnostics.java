package dev.martlet.internal.agent;

import com.sun.management.HotSpotDiagnosticMXBean;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import javax.management.JMException;
import javax.management.ObjectName;
import org.jspecify.annotations.Nullable;

/** What the JVM's management tells and does, where there is one. */
final class Diagnostics {
  private Diagnostics() {}

  /** Returns the option that forbids to attach, or {@code null} if there is none. */
  static @Nullable String forbidden() {
    try {
      if (is("DisableAttachMechanism", false)) {
        return "-XX:+DisableAttachMechanism";
      }
      return is("EnableDynamicAgentLoading", true) ? null : "-XX:-EnableDynamicAgentLoading";
    } catch (LinkageError e) {
      return null; // a runtime without management
    }
  }

  private static boolean is(String option, boolean fallback) {
    HotSpotDiagnosticMXBean bean =
        ManagementFactory.getPlatformMXBean(HotSpotDiagnosticMXBean.class);
    if (bean == null) {
      return fallback;
    }
    try {
      return Boolean.parseBoolean(bean.getVMOption(option).getValue());
    } catch (IllegalArgumentException e) {
      return fallback; // not an option of this JVM
    }
  }

  /** Loads the agent; returns {@code false} if that cannot be done so. */
  static boolean load(Path jar) {
    try {
      ManagementFactory.getPlatformMBeanServer()
          .invoke(
              new ObjectName("com.sun.management:type=DiagnosticCommand"),
              "jvmtiAgentLoad",
              new Object[] {new String[] {jar.toAbsolutePath().toString()}},
              new String[] {String[].class.getName()});
      return true;
    } catch (JMException | RuntimeException | LinkageError e) {
      return false;
    }
  }
}
