package io.postern.policy.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.postern.cli.CliException;
import io.postern.cli.Durations;
import io.postern.cli.Exit;
import io.postern.cli.PolicyFile;
import io.postern.log.KafkaSettings;
import io.postern.log.SchemaRegistry;
import io.postern.log.TrustStore;
import io.postern.model.FieldError;
import io.postern.model.Policy;
import io.postern.model.PolicyReader;
import io.postern.policy.domain.OperatorBounds;
import io.postern.policy.kafka.PolicyRehearsal;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import tools.jackson.databind.json.JsonMapper;

/** {@code postern policy rehearse}. */
@Command(
    name = "rehearse",
    mixinStandardHelpOptions = true,
    description =
        "Hold a policy that is not put yet against the requests on the log, and say which decisions"
            + " would turn. Reads the log, and writes nothing.",
    footerHeading = "%nOf the operator's settings:%n",
    footer =
        "  POSTERN_BOUNDS_SHORTEST, _LONGEST, _OLDESTREQUEST and _LATESTSTART, and"
            + " POSTERN_SUBJECTSISSUER, as of policy-service",
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:no decision would turn",
      "1:some would turn, or may",
      "2:the command line, the policy or the log cannot be used"
    })
public final class Rehearse implements Callable<Integer> {
  private final Map<String, String> environment;

  @Spec @Nullable CommandSpec spec;

  @Parameters(paramLabel = "FILE", description = "the policy, YAML or JSON")
  @Nullable Path file;

  @Option(
      names = "--since",
      paramLabel = "DURATION",
      description = "how far back, such as 30d or 12h (unless told otherwise ${DEFAULT-VALUE})")
  String since = "30d";

  @Option(
      names = "--bootstrap",
      paramLabel = "HOST:PORT",
      description = "Kafka; else POSTERN_BOOTSTRAP, else 127.0.0.1 and POSTERN_KAFKA_PORT or 9092")
  @Nullable String bootstrap;

  @Option(
      names = "--kafka-config",
      paramLabel = "FILE",
      description = "further properties of Kafka clients, for example of TLS and SASL")
  @Nullable Path kafkaConfig;

  @Option(
      names = "--registry",
      paramLabel = "URL",
      description =
          "the schema registry; else POSTERN_REGISTRY, else that of `up`, at POSTERN_REGISTRY_PORT or"
              + " 8081")
  @Nullable String registry;

  @Option(
      names = "--trust",
      paramLabel = "FILE",
      description = "the JWK set that is believed; else POSTERN_TRUST, else that of --data")
  @Nullable Path trust;

  @Option(
      names = "--data",
      paramLabel = "DIR",
      description = "the data directory of `up`, for its keys; else POSTERN_DATA")
  @Nullable Path data;

  @Option(
      names = "--timeout",
      paramLabel = "DURATION",
      description = "longest time to read the log (unless told otherwise ${DEFAULT-VALUE})")
  String timeout = "5m";

  @Option(names = "--json", description = "print JSON lines")
  boolean json;

  private Rehearse(Map<String, String> environment) {
    this.environment = Map.copyOf(environment);
  }

  public static void main(String[] args) {
    System.exit(
        run(
            System.getenv(),
            new PrintWriter(System.out, true),
            new PrintWriter(System.err, true),
            args));
  }

  /** Runs the command; returns its exit code. */
  public static int run(
      Map<String, String> environment, PrintWriter out, PrintWriter err, String... args) {
    return commandLine(environment)
        .setCommandName("postern policy rehearse")
        .setOut(out)
        .setErr(err)
        .setExecutionExceptionHandler(
            (e, line, parsed) -> {
              err.println("postern: " + (e.getMessage() == null ? e : e.getMessage()));
              return Exit.USAGE;
            })
        .execute(args);
  }

  /** The command. */
  public static CommandLine commandLine(Map<String, String> environment) {
    return new CommandLine(new Rehearse(environment));
  }

  @Override
  public Integer call() throws InterruptedException {
    PolicyFile source = PolicyFile.read(given(file, "FILE"));
    Policy policy = policy(source);
    PolicyRehearsal rehearsal =
        new PolicyRehearsal(
            kafka(),
            new SchemaRegistry(List.of(registry().split("\\s*,\\s*", -1)), Optional.empty()),
            TrustStore.load(trustFile()),
            bounds(),
            Optional.ofNullable(environment.get("POSTERN_SUBJECTSISSUER"))
                .filter(i -> !i.isBlank()),
            Durations.parse(timeout));
    PolicyRehearsal.Result result = rehearsal.rehearse(policy, days(since), Instant.now());
    if (!result.errors().isEmpty()) {
      throw wrong(source, result.errors());
    }
    Report report = new Report(policy.id(), since, result);
    (json ? report.json() : report.text())
        .forEach(given(spec, "spec").commandLine().getOut()::println);
    return report.anyTurns() ? Exit.REFUSED : Exit.OK;
  }

  private static <T> T given(@Nullable T value, String name) {
    if (value == null) {
      throw new IllegalStateException(name + " is set by picocli");
    }
    return value;
  }

  /** Days, which have no short form elsewhere, or what {@link Durations} reads. */
  static Duration days(String text) {
    return text.matches("[1-9][0-9]{0,3}d")
        ? Duration.ofDays(Long.parseLong(text.substring(0, text.length() - 1)))
        : Durations.parse(text);
  }

  private static Policy policy(PolicyFile source) {
    try {
      JsonNode document = new ObjectMapper().readTree(source.document().toString());
      PolicyReader.Result read = PolicyReader.read(document, source.name());
      if (!read.errors().isEmpty()) {
        throw wrong(source, read.errors());
      }
      return read.policy().orElseThrow();
    } catch (JsonProcessingException e) {
      throw new CliException(Exit.USAGE, source.file() + " cannot be read");
    }
  }

  private static CliException wrong(PolicyFile source, List<FieldError> errors) {
    return source.wrong(
        new CliException(
            Exit.USAGE, "", 0, JsonMapper.shared().valueToTree(Map.of("errors", errors))));
  }

  private String or(@Nullable String given, String variable, String last) {
    return given != null ? given : environment.getOrDefault(variable, last);
  }

  private String registry() {
    return or(
        registry,
        "POSTERN_REGISTRY",
        "http://127.0.0.1:"
            + environment.getOrDefault("POSTERN_REGISTRY_PORT", "8081")
            + "/apis/ccompat/v7");
  }

  private KafkaSettings kafka() {
    Map<String, String> properties = new HashMap<>();
    if (kafkaConfig != null) {
      Properties read = new Properties();
      try (Reader reader = Files.newBufferedReader(kafkaConfig)) {
        read.load(reader);
      } catch (IOException e) {
        throw new CliException(Exit.USAGE, "cannot read " + kafkaConfig);
      }
      read.stringPropertyNames().forEach(n -> properties.put(n, read.getProperty(n)));
    }
    return new KafkaSettings(
        or(
            bootstrap,
            "POSTERN_BOOTSTRAP",
            "127.0.0.1:" + environment.getOrDefault("POSTERN_KAFKA_PORT", "9092")),
        properties);
  }

  private Path trustFile() {
    if (trust != null) {
      return trust;
    }
    String known = environment.get("POSTERN_TRUST");
    String directory = data != null ? data.toString() : environment.get("POSTERN_DATA");
    if (known == null && directory == null) {
      throw new CliException(
          Exit.USAGE, "whose keys are believed? give --trust FILE, or --data DIR of `up`");
    }
    return known != null && data == null
        ? Path.of(known)
        : Path.of(String.valueOf(directory), "keys", "trust.json");
  }

  private OperatorBounds bounds() {
    OperatorBounds usual = OperatorBounds.DEFAULT;
    return new OperatorBounds(
        bound("SHORTEST", usual.shortest()),
        bound("LONGEST", usual.longest()),
        bound("OLDESTREQUEST", usual.oldestRequest()),
        bound("LATESTSTART", usual.latestStart()));
  }

  private Duration bound(String name, Duration usual) {
    return Optional.ofNullable(environment.get("POSTERN_BOUNDS_" + name))
        .map(Durations::parse)
        .orElse(usual);
  }
}
