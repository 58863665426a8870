package io.postern.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Compose;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.dataformat.yaml.YAMLMapper;

/**
 * A policy in a file, YAML or JSON, which knows where its fields stand.
 *
 * @param lines the line of each field, from 1
 */
public record PolicyFile(Path file, JsonNode document, Map<String, Integer> lines) {
  private static final List<String> ENDINGS = List.of(".yaml", ".yml", ".json");

  /**
   * Reads a file.
   *
   * @throws CliException that names file and line when it is no YAML
   */
  public static PolicyFile read(Path file) {
    String text;
    try {
      text = Files.readString(file);
    } catch (IOException e) {
      throw new CliException(Exit.USAGE, file + " cannot be read");
    }
    Map<String, Integer> lines = new HashMap<>();
    try {
      new Compose(LoadSettings.builder().build())
          .composeString(text)
          .ifPresent(root -> collect(file, root, "", lines));
      return new PolicyFile(file, YAMLMapper.shared().readTree(text), lines);
    } catch (YamlEngineException e) {
      Optional<Integer> line =
          e instanceof MarkedYamlEngineException marked
              ? marked.getProblemMark().map(m -> m.getLine() + 1)
              : Optional.empty();
      String problem =
          e instanceof MarkedYamlEngineException marked
              ? marked.getProblem()
              : String.valueOf(e.getMessage());
      throw new CliException(
          Exit.USAGE, file + line.map(n -> ":" + n).orElse("") + ": is no YAML: " + problem);
    } catch (JacksonException e) {
      throw new CliException(Exit.USAGE, file + ": is no YAML: " + e.getOriginalMessage());
    }
  }

  /** The file, or the policies of a directory, by name. */
  static List<Path> in(Path path) {
    if (!Files.isDirectory(path)) {
      return List.of(path);
    }
    try (Stream<Path> files = Files.list(path)) {
      List<Path> found =
          files
              .filter(f -> ENDINGS.stream().anyMatch(e -> f.getFileName().toString().endsWith(e)))
              .sorted()
              .toList();
      if (found.isEmpty()) {
        throw new CliException(Exit.USAGE, path + " has no files that end in " + ENDINGS);
      }
      return found;
    } catch (IOException e) {
      throw new CliException(Exit.USAGE, path + " cannot be read");
    }
  }

  private static void collect(Path file, Node node, String path, Map<String, Integer> lines) {
    node.getStartMark().ifPresent(m -> lines.putIfAbsent(path, m.getLine() + 1));
    if (node instanceof MappingNode mapping) {
      Set<String> keys = new HashSet<>();
      for (NodeTuple each : mapping.getValue()) {
        if (each.getKeyNode() instanceof ScalarNode key) {
          String field = path.isEmpty() ? key.getValue() : path + "." + key.getValue();
          key.getStartMark().ifPresent(m -> lines.put(field, m.getLine() + 1));
          if (!keys.add(key.getValue())) {
            throw new CliException(
                Exit.USAGE, "%s:%d: %s is given twice".formatted(file, lines.get(field), field));
          }
          collect(file, each.getValueNode(), field, lines);
        }
      }
    } else if (node instanceof SequenceNode sequence) {
      for (int i = 0; i < sequence.getValue().size(); i++) {
        collect(file, sequence.getValue().get(i), path + "[" + i + "]", lines);
      }
    }
  }

  /** The policy's name. */
  public String name() {
    String name = document.path("name").asString("");
    if (name.isEmpty()) {
      throw new CliException(Exit.USAGE, file + ":1: name must be given");
    }
    return name;
  }

  /** The line of a field; of what it stands in where it is missing. */
  int line(String field) {
    String at = field;
    while (!at.isEmpty() && !lines.containsKey(at)) {
      at = at.substring(0, Math.max(0, Math.max(at.lastIndexOf('.'), at.lastIndexOf('['))));
    }
    return lines.getOrDefault(at, 1);
  }

  /** What a server says is wrong with it: file, line, field and rule. */
  public CliException wrong(CliException refused) {
    JsonNode errors = refused.problem().path("errors");
    if (errors.isEmpty()) {
      return new CliException(
          refused.exitCode(), file + ": " + refused.getMessage(), refused.status(), errors);
    }
    StringBuilder text = new StringBuilder();
    for (JsonNode error : errors) {
      String field = error.path("field").asString("");
      text.append(text.isEmpty() ? "" : "\n")
          .append(
              "%s:%d: %s %s, given %s"
                  .formatted(
                      file,
                      line(field),
                      field,
                      error.path("rule").asString(""),
                      error.path("given").asString("nothing")));
    }
    return new CliException(refused.exitCode(), text.toString(), refused.status(), errors);
  }
}
