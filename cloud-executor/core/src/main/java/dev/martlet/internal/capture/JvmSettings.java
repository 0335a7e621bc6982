package dev.martlet.internal.capture;

import dev.martlet.internal.agent.Trusted;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.lang.reflect.Field;
import java.net.Authenticator;
import java.net.CookieHandler;
import java.net.HttpURLConnection;
import java.net.ProxySelector;
import java.net.ResponseCache;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.security.Provider;
import java.security.Security;
import java.util.Collection;
import java.util.Collections;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import javax.net.ssl.HttpsURLConnection;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocketFactory;
import org.jspecify.annotations.Nullable;

/**
 * What programs set for their whole JVM and workers do not have: a task that depends on it runs at
 * home. It is looked at for each such task, since it may change, and without a trace: what the
 * program has not set is not made either.
 */
final class JvmSettings {
  private JvmSettings() {}

  /**
   * Returns what the program has set, for a person, or {@code null}.
   *
   * @param kinds of what, by {@link dev.martlet.internal.effects.JdkTable#settings}
   */
  static @Nullable String changed(Set<String> kinds) {
    for (String kind : kinds) {
      String changed =
          switch (kind) {
            case "security" -> security();
            case "drivers" -> drivers();
            case "network" -> network();
            case "handler" ->
                Thread.getDefaultUncaughtExceptionHandler() == null
                    ? null
                    : "the default handler of uncaught exceptions";
            case "properties" -> properties();
            case "exit" -> "this JVM's exit, at which the task has something done";
            default -> throw new AssertionError(kind);
          };
      if (changed != null) {
        return changed;
      }
    }
    return null;
  }

  private static @Nullable String security() {
    int n = 0;
    for (Provider p : Security.getProviders()) {
      String configured;
      do {
        configured = Security.getProperty("security.provider." + ++n);
        if (configured == null) {
          return "the security provider " + p.getName() + ", or not at this place";
        }
      } while (!isNamed(p, configured.split(" ", 2)[0]));
    }
    Object initial = read(Security.class, "initialSecurityProperties");
    return initial == null || initial.equals(read(Security.class, "props"))
        ? null
        : "the security properties that the program has set";
  }

  private static boolean isNamed(Provider p, String name) {
    return p.getName().equals(name)
        || p.getName().startsWith(name + "-")
        || p.getClass().getName().equals(name);
  }

  private static @Nullable String drivers() {
    Class<?> manager;
    Class<?> info;
    try {
      ClassLoader platform = ClassLoader.getPlatformClassLoader();
      manager = Class.forName("java.sql.DriverManager", true, platform);
      info = Class.forName("java.sql.DriverInfo", true, platform);
    } catch (ClassNotFoundException e) {
      return null;
    }
    if (!Objects.equals(read(manager, "loginTimeout"), 0) || read(manager, "logWriter") != null) {
      return "the settings of java.sql.DriverManager";
    }
    Object all = read(manager, "registeredDrivers");
    for (Object i : all instanceof Collection<?> c ? c : Set.of()) {
      Object driver = read(info, "driver", i);
      if (driver != null && !isService(driver.getClass())) {
        return "the driver " + driver.getClass().getName();
      }
    }
    return null;
  }

  /** Returns whether a driver is found without being registered. */
  private static boolean isService(Class<?> driver) {
    ClassLoader loader = driver.getClassLoader();
    if (loader == null) {
      return true;
    }
    try {
      for (URL url : Collections.list(loader.getResources("META-INF/services/java.sql.Driver"))) {
        try (InputStream in = url.openStream();
            BufferedReader lines =
                new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8))) {
          if (lines.lines().anyMatch(l -> l.split("#", 2)[0].trim().equals(driver.getName()))) {
            return true;
          }
        }
      }
      return false;
    } catch (IOException e) {
      return false;
    }
  }

  private static @Nullable String network() {
    if (CookieHandler.getDefault() != null) {
      return "the default cookie handler";
    } else if (Authenticator.getDefault() != null) {
      return "the default authenticator";
    } else if (ResponseCache.getDefault() != null) {
      return "the default response cache";
    } else if (ProxySelector.getDefault() == null || isOwn(ProxySelector.getDefault())) {
      return "the default proxy selector";
    } else if (!HttpURLConnection.getFollowRedirects()) {
      return "the program's choice not to follow redirects";
    } else if (read(URL.class, "factory") != null) {
      return "the factory of URL stream handlers";
    } else if (isOwn(HttpsURLConnection.getDefaultHostnameVerifier())) {
      return "the default host name verifier";
    }
    Object factory = read(HttpsURLConnection.class, "defaultSSLSocketFactory");
    boolean context =
        read(SSLContext.class, "defaultContext") instanceof SSLContext c
            && !c.getProtocol().equals("Default");
    return context || (factory != null && factory != SSLSocketFactory.getDefault())
        ? "the default SSL context"
        : null;
  }

  private static boolean isOwn(@Nullable Object o) {
    return o != null && o.getClass().getClassLoader() != null;
  }

  private static @Nullable String properties() {
    for (Map.Entry<Object, Object> e : System.getProperties().entrySet()) {
      if (!(e.getKey() instanceof String && e.getValue() instanceof String)) {
        return "system properties that are no strings";
      }
    }
    return null;
  }

  private static @Nullable Object read(Class<?> type, String field) {
    return read(type, field, null);
  }

  /** Returns the value of a field of the JDK's, or {@code null} if this JDK has none. */
  private static @Nullable Object read(Class<?> type, String field, @Nullable Object of) {
    try {
      Field f = type.getDeclaredField(field);
      return of == null
          ? Trusted.lookup().unreflectGetter(f).invoke()
          : Trusted.lookup().unreflectGetter(f).invoke(of);
    } catch (NoSuchFieldException e) {
      return null;
    } catch (Throwable e) {
      throw new IllegalStateException("cannot read " + type.getName() + "." + field, e);
    }
  }
}
