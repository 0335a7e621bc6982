package dev.martlet.internal.worker.loader;

import dev.martlet.internal.classpath.Wire;
import java.util.ArrayList;
import java.util.List;
import java.util.jar.Attributes;
import java.util.jar.Manifest;
import org.jspecify.annotations.Nullable;

/**
 * What a jar's manifest says of a package.
 *
 * @param values of the attributes of the specification and of the implementation
 * @param sealed whether all of it comes from that jar
 */
record PackageTitles(List<@Nullable String> values, boolean sealed) {
  private static final List<Attributes.Name> NAMES =
      List.of(
          Attributes.Name.SPECIFICATION_TITLE,
          Attributes.Name.SPECIFICATION_VERSION,
          Attributes.Name.SPECIFICATION_VENDOR,
          Attributes.Name.IMPLEMENTATION_TITLE,
          Attributes.Name.IMPLEMENTATION_VERSION,
          Attributes.Name.IMPLEMENTATION_VENDOR);

  static PackageTitles of(Manifest manifest, String packageName) {
    Attributes main = manifest.getMainAttributes();
    Attributes own = manifest.getAttributes(packageName.replace('.', '/') + "/");
    List<@Nullable String> values = new ArrayList<>(NAMES.size());
    for (Attributes.Name name : NAMES) {
      values.add(value(own, main, name));
    }
    return new PackageTitles(
        values, "true".equalsIgnoreCase(value(own, main, Attributes.Name.SEALED)));
  }

  private static @Nullable String value(
      @Nullable Attributes own, Attributes main, Attributes.Name name) {
    String value = own == null ? null : own.getValue(name);
    return value != null ? value : main.getValue(name);
  }

  void write(Wire.Writer out) {
    for (String value : values) {
      out.bool(value != null).string(value == null ? "" : value);
    }
    out.bool(sealed);
  }

  static PackageTitles read(Wire.Reader in) {
    List<@Nullable String> values = new ArrayList<>(NAMES.size());
    for (int i = 0; i < NAMES.size(); i++) {
      boolean present = in.bool();
      String value = in.string();
      values.add(present ? value : null);
    }
    return new PackageTitles(values, in.bool());
  }
}
