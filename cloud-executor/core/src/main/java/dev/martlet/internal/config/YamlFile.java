package dev.martlet.internal.config;

import dev.martlet.internal.shaded.snakeyaml.engine.v2.api.LoadSettings;
import dev.martlet.internal.shaded.snakeyaml.engine.v2.api.lowlevel.Compose;
import dev.martlet.internal.shaded.snakeyaml.engine.v2.exceptions.Mark;
import dev.martlet.internal.shaded.snakeyaml.engine.v2.exceptions.YamlEngineException;
import dev.martlet.internal.shaded.snakeyaml.engine.v2.nodes.MappingNode;
import dev.martlet.internal.shaded.snakeyaml.engine.v2.nodes.Node;
import dev.martlet.internal.shaded.snakeyaml.engine.v2.nodes.NodeTuple;
import dev.martlet.internal.shaded.snakeyaml.engine.v2.nodes.ScalarNode;
import dev.martlet.internal.shaded.snakeyaml.engine.v2.nodes.SequenceNode;
import dev.martlet.internal.shaded.snakeyaml.engine.v2.nodes.Tag;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Reads a configuration file. Works on the composed nodes, which know their lines; scalars stay
 * text, so that a value means the same here as in a property.
 */
final class YamlFile {
  private final Path file;

  private YamlFile(Path file) {
    this.file = file;
  }

  /**
   * Reads the file.
   *
   * @throws IllegalArgumentException if it cannot be read or is not a YAML mapping
   */
  static Source read(Path file) {
    return new YamlFile(file).read();
  }

  private Source read() {
    Optional<Node> root;
    try {
      LoadSettings settings = LoadSettings.builder().setAllowDuplicateKeys(false).build();
      root = new Compose(settings).composeString(Files.readString(file));
    } catch (IOException e) {
      throw new IllegalArgumentException(file + ": cannot be read: " + e, e);
    } catch (YamlEngineException e) {
      throw new IllegalArgumentException(file + ": not valid YAML: " + e.getMessage(), e);
    }
    List<Source.Entry> entries = new ArrayList<>();
    if (root.isPresent() && !isNull(root.get())) {
      if (!(root.get() instanceof MappingNode mapping)) {
        throw new IllegalArgumentException(at(root.get()) + ": expected lines of key: value");
      }
      for (NodeTuple tuple : mapping.getValue()) {
        Object value = value(tuple.getValueNode());
        if (value != null) {
          Node key = tuple.getKeyNode();
          entries.add(new Source.Entry(List.of(name(key)), value, at(key)));
        }
      }
    }
    return new Source(entries, Source.Style.PLAIN);
  }

  private @Nullable Object value(Node node) {
    if (isNull(node)) {
      return null;
    }
    if (node instanceof ScalarNode scalar) {
      return scalar.getValue();
    }
    if (node.isRecursive()) {
      throw new IllegalArgumentException(at(node) + ": a value that contains itself");
    }
    if (node instanceof SequenceNode sequence) {
      List<Object> list = new ArrayList<>();
      for (Node item : sequence.getValue()) {
        Object value = value(item);
        if (value != null) {
          list.add(value);
        }
      }
      return list;
    }
    Map<String, Object> map = new LinkedHashMap<>();
    for (NodeTuple tuple : ((MappingNode) node).getValue()) {
      Object value = value(tuple.getValueNode());
      if (value != null && map.put(name(tuple.getKeyNode()), value) != null) {
        throw new IllegalArgumentException(
            at(tuple.getKeyNode()) + ": \"" + name(tuple.getKeyNode()) + "\" is set twice");
      }
    }
    return map;
  }

  private String name(Node key) {
    if (key instanceof ScalarNode scalar) {
      return scalar.getValue();
    }
    throw new IllegalArgumentException(at(key) + ": a key must be a name");
  }

  private static boolean isNull(Node node) {
    return node.getTag().equals(Tag.NULL);
  }

  private String at(Node node) {
    Optional<Mark> mark = node.getStartMark();
    return mark.isPresent() ? file + ":" + (mark.get().getLine() + 1) : file.toString();
  }
}
