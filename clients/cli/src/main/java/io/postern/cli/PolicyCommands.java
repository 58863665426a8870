package io.postern.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.dataformat.yaml.YAMLMapper;

/** {@code postern policy}. */
@Command(
    name = "policy",
    mixinStandardHelpOptions = true,
    description = "Put, show, list and remove policies.",
    subcommands = {
      PolicyCommands.Put.class,
      PolicyCommands.Get.class,
      PolicyCommands.All.class,
      PolicyCommands.Remove.class
    })
final class PolicyCommands {
  private static final String POLICIES = "/api/v1/policies";

  /** {@code postern policy put}. */
  @Command(
      name = "put",
      mixinStandardHelpOptions = true,
      description = "Put the policy of a file, YAML or JSON.")
  static final class Put implements Callable<Integer> {
    @Mixin Session session = new Session();

    @Parameters(paramLabel = "FILE", description = "the policy; its name is the field name")
    Path file = Path.of("");

    @Option(
        names = "--if-match",
        paramLabel = "ETAG",
        description = "only if this is still the version in force")
    @Nullable String ifMatch;

    @Override
    public Integer call() {
      JsonNode policy = read(file);
      String name = policy.path("name").asString("");
      if (name.isEmpty()) {
        throw new CliException(Exit.USAGE, file + " has no field name");
      }
      Rest.Answer answer =
          session
              .rest()
              .call(
                  "PUT",
                  POLICIES + "/" + Text.encoded(name),
                  policy,
                  ifMatch == null ? Map.of() : Map.of("If-Match", ifMatch));
      if (session.json) {
        session.print(answer.body());
      }
      session.say(
          answer.status() == 202
              ? name + " is on the log, and not in force yet"
              : name + " is in force, version " + answer.etag());
      return Exit.OK;
    }
  }

  /** A policy from a file. JSON is YAML. */
  static JsonNode read(Path file) {
    try {
      return YAMLMapper.shared().readTree(Files.readString(file));
    } catch (IOException e) {
      throw new CliException(Exit.USAGE, file + " cannot be read");
    } catch (JacksonException e) {
      throw new CliException(Exit.USAGE, file + " is no YAML: " + e.getOriginalMessage());
    }
  }

  /** {@code postern policy get}. */
  @Command(name = "get", mixinStandardHelpOptions = true, description = "Show a policy, as YAML.")
  static final class Get implements Callable<Integer> {
    @Mixin Session session = new Session();

    @Parameters(paramLabel = "NAME", description = "the policy's name")
    String name = "";

    @Override
    public Integer call() {
      JsonNode policy = session.rest().get(POLICIES + "/" + Text.encoded(name));
      if (session.json) {
        session.print(policy);
      }
      session.say(YAMLMapper.shared().writeValueAsString(policy).stripTrailing());
      return Exit.OK;
    }
  }

  /** {@code postern policy list}. */
  @Command(name = "list", mixinStandardHelpOptions = true, description = "List the policies.")
  static final class All implements Callable<Integer> {
    @Mixin Session session = new Session();

    @Override
    public Integer call() {
      List<JsonNode> found = session.rest().list(POLICIES);
      Table table = new Table("POLICY", "MACHINES", "PORTS", "WHO MAY ASK");
      for (JsonNode p : found) {
        table.row(
            p.path("name").asString(""),
            p.path("machines").size() + " selectors",
            Text.ports(p.path("ports")),
            Text.joined(p.path("requestors").path("groups")));
      }
      session.print(found, table);
      return Exit.OK;
    }
  }

  /** {@code postern policy delete}. */
  @Command(
      name = "delete",
      mixinStandardHelpOptions = true,
      description = "Remove a policy: its lock-downs are lifted, its grants end.")
  static final class Remove implements Callable<Integer> {
    @Mixin Session session = new Session();

    @Parameters(paramLabel = "NAME", description = "the policy's name")
    String name = "";

    @Override
    public Integer call() {
      session.rest().call("DELETE", POLICIES + "/" + Text.encoded(name), null, Map.of());
      session.say(name + " is removed");
      return Exit.OK;
    }
  }
}
