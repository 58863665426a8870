package io.postern.cli;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.JsonNode;
import tools.jackson.dataformat.yaml.YAMLMapper;

/** {@code postern policy}. */
@Command(
    name = "policy",
    mixinStandardHelpOptions = true,
    description = "Suggest, put, import, show, list and remove policies.",
    footerHeading = "%nOver the log itself, and not over REST:%n",
    footer = "  ./postern policy rehearse FILE says which past decisions a policy would turn",
    subcommands = {
      PolicyCommands.Suggest.class,
      PolicyCommands.Put.class,
      PolicyCommands.Import.class,
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
      description = "Put the policies of files or directories, YAML or JSON.")
  static final class Put implements Callable<Integer> {
    @Mixin Session session = new Session();

    @Parameters(
        paramLabel = "FILE",
        arity = "1..*",
        description = "the policy, whose name is the field name; of a directory all files")
    List<Path> files = List.of();

    @Option(
        names = "--if-match",
        paramLabel = "ETAG",
        description = "only if this is still the version in force; with one file")
    @Nullable String ifMatch;

    @Override
    public Integer call() {
      // All are read before the first is put.
      List<PolicyFile> policies =
          files.stream()
              .flatMap(f -> PolicyFile.in(f).stream())
              .map(PolicyFile::read)
              .peek(PolicyFile::name)
              .toList();
      if (ifMatch != null && policies.size() > 1) {
        throw new CliException(Exit.USAGE, "--if-match goes with one file");
      }
      policies.forEach(this::put);
      return Exit.OK;
    }

    private void put(PolicyFile policy) {
      Rest.Answer answer;
      try {
        answer =
            session
                .rest()
                .call(
                    "PUT",
                    POLICIES + "/" + Text.encoded(policy.name()),
                    policy.document(),
                    ifMatch == null ? Map.of() : Map.of("If-Match", ifMatch));
      } catch (CliException e) {
        throw e.status() == 400 ? policy.wrong(e) : e;
      }
      if (session.json) {
        session.print(answer.body());
      }
      session.say(
          answer.status() == 202
              ? policy.name() + " is on the log, and not in force yet"
              : policy.name() + " is in force, version " + answer.etag());
    }
  }

  /** {@code postern plan}. */
  @Command(
      name = "plan",
      mixinStandardHelpOptions = true,
      description = {
        "Say what a policy would write in the clouds, by the planners that write; nothing is put.",
        "Ends with 3 when not every machine was answered for in time."
      })
  static final class Plan implements Callable<Integer> {
    @Mixin Session session = new Session();

    @Parameters(paramLabel = "FILE", description = "the policy, YAML or JSON")
    Path file = Path.of("");

    @Override
    public Integer call() {
      PolicyFile policy = PolicyFile.read(file);
      String path = POLICIES + "/" + Text.encoded(policy.name()) + "?dryRun=true";
      JsonNode plan;
      try {
        plan = session.rest().call("PUT", path, policy.document(), Map.of()).body();
      } catch (CliException e) {
        throw e.status() == 400 ? policy.wrong(e) : e;
      }
      if (session.json) {
        session.print(plan);
      }
      for (JsonNode machine : plan.path("machines")) {
        session.say(machine.path("machine").asString("?"));
        machine.path("steps").forEach(step -> session.say("  " + step.asString("")));
        if (machine.path("steps").isEmpty()) {
          session.say("  nothing to write");
        }
      }
      for (JsonNode shared : plan.path("shared")) {
        session.say(
            "%s is shared with %s"
                .formatted(
                    shared.path("ruleSet").asString("?"), Text.joined(shared.path("others"))));
      }
      if (plan.path("complete").asBoolean(false)) {
        return Exit.OK;
      }
      throw new CliException(
          Exit.TIMEOUT, "no answer in time for " + Text.joined(plan.path("silent")));
    }
  }

  /** {@code postern policy import}. */
  @Command(
      name = "import",
      mixinStandardHelpOptions = true,
      description = "Turn a policy of Defender's just-in-time access into ours, and print it.")
  static final class Import implements Callable<Integer> {
    @Mixin Session session = new Session();

    @Parameters(paramLabel = "FILE", description = "as its API or az security jit-policy shows it")
    Path file = Path.of("");

    @Option(
        names = "--group",
        paramLabel = "GROUP",
        required = true,
        description = "who may ask; may be given several times")
    List<String> groups = List.of();

    @Option(names = "--cloud-permission", description = "ask Azure's roles too, as Defender does")
    boolean cloudPermission;

    @Override
    public Integer call() {
      try {
        DefenderPolicy.read(PolicyFile.read(file).document(), groups, cloudPermission)
            .forEach(p -> session.say(YAMLMapper.shared().writeValueAsString(p).stripTrailing()));
        return Exit.OK;
      } catch (CliException e) {
        throw new CliException(e.exitCode(), file + ": " + e.getMessage());
      }
    }
  }

  /** {@code postern policy suggest}. */
  @Command(
      name = "suggest",
      mixinStandardHelpOptions = true,
      description = {
        "Print a draft for machines as they are, as YAML: ports really open, sources really let in.",
        "Look at what it would write with plan, then put it as it is or changed."
      })
  static final class Suggest implements Callable<Integer> {
    @Mixin Session session = new Session();

    @Parameters(
        paramLabel = "MACHINE",
        arity = "0..*",
        description =
            "a name, an id, or the end of an id; none for all that are unhealthy and supported")
    List<String> machines = List.of();

    @Option(
        names = "--group",
        paramLabel = "GROUP",
        required = true,
        description = "who may ask; may be given several times")
    List<String> groups = List.of();

    @Option(names = "--name", paramLabel = "NAME", description = "the policy's name; suggested")
    String name = "suggested";

    @Override
    public Integer call() {
      List<JsonNode> known =
          machines.stream().allMatch(Machines::isId)
              ? List.of()
              : session.rest().list("/api/v1/machines");
      StringBuilder path = new StringBuilder("/api/v1/machines/suggested-policy?name=");
      path.append(Text.encoded(name));
      for (String machine : machines) {
        String id = Machines.isId(machine) ? machine : Machines.named(machine, known);
        path.append("&id=").append(Text.encoded(id));
      }
      groups.forEach(g -> path.append("&group=").append(Text.encoded(g)));
      JsonNode policy = session.rest().get(path.toString());
      if (session.json) {
        session.print(policy);
      }
      session.say(YAMLMapper.shared().writeValueAsString(policy).stripTrailing());
      return Exit.OK;
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
