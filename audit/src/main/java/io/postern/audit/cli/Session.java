package io.postern.audit.cli;

import com.nimbusds.jose.jwk.JWK;
import io.postern.audit.domain.Copy;
import io.postern.audit.files.FileCopy;
import io.postern.audit.log.KafkaCopy;
import io.postern.audit.s3.Bucket;
import io.postern.event.Checkpoint;
import io.postern.log.AvroFraming;
import io.postern.log.KafkaSettings;
import io.postern.log.LogConnection;
import io.postern.log.SchemaRegistry;
import io.postern.log.Signer;
import io.postern.log.Topics;
import io.postern.log.TrustStore;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.text.ParseException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** What every command needs: where the log is, whose keys are believed, and how to answer. */
final class Session {
  private static final String LIVE = "kafka";

  @Spec(Spec.Target.MIXEE)
  @Nullable CommandSpec spec;

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

  @Option(names = "--json", description = "print JSON lines")
  boolean json;

  private CommandSpec spec() {
    CommandSpec known = spec;
    if (known == null) {
      throw new IllegalStateException("picocli sets it");
    }
    return known;
  }

  Map<String, String> environment() {
    return ((Main) spec().root().userObject()).environment();
  }

  PrintWriter out() {
    return spec().commandLine().getOut();
  }

  PrintWriter err() {
    return spec().commandLine().getErr();
  }

  void say(String text) {
    out().println(text);
    out().flush();
  }

  private static String or(@Nullable String given, @Nullable String otherwise, String last) {
    return given != null ? given : otherwise != null ? otherwise : last;
  }

  String bootstrap() {
    return or(
        bootstrap,
        environment().get("POSTERN_BOOTSTRAP"),
        "127.0.0.1:" + environment().getOrDefault("POSTERN_KAFKA_PORT", "9092"));
  }

  String registryUrl() {
    return or(
        registry,
        environment().get("POSTERN_REGISTRY"),
        "http://127.0.0.1:"
            + environment().getOrDefault("POSTERN_REGISTRY_PORT", "8081")
            + "/apis/ccompat/v7");
  }

  /** A registry that has our schemas; another would make every record look unreadable. */
  SchemaRegistry registry() {
    SchemaRegistry registry =
        new SchemaRegistry(List.of(registryUrl().split("\\s*,\\s*", -1)), Optional.empty());
    if (registry
        .latest(AvroFraming.subject(Topics.CHECKPOINTS.name(), Checkpoint.getClassSchema()))
        .isEmpty()) {
      throw new CliException(
          CliException.USAGE, "no registry with Postern's schemas is at " + registryUrl());
    }
    return registry;
  }

  /** For a command that ends: a broker that does not answer is not waited for. */
  KafkaSettings kafka() {
    Map<String, String> settings = new HashMap<>();
    settings.put("default.api.timeout.ms", "10000");
    settings.putAll(kafkaProperties());
    return new KafkaSettings(bootstrap(), settings);
  }

  private Map<String, String> kafkaProperties() {
    Path file = kafkaConfig;
    Map<String, String> properties = new HashMap<>();
    if (file != null) {
      Properties read = new Properties();
      try (Reader reader = Files.newBufferedReader(file)) {
        read.load(reader);
      } catch (IOException e) {
        throw new CliException(CliException.USAGE, "cannot read " + file);
      }
      read.stringPropertyNames().forEach(n -> properties.put(n, read.getProperty(n)));
    }
    return properties;
  }

  private Optional<Path> keys() {
    Path directory = data;
    String known = environment().get("POSTERN_DATA");
    if (directory == null && known != null) {
      directory = Path.of(known);
    }
    return Optional.ofNullable(directory).map(d -> d.resolve("keys"));
  }

  private Path trustFile() {
    Path file = trust;
    if (file != null) {
      return file;
    }
    String known = environment().get("POSTERN_TRUST");
    if (known != null) {
      return Path.of(known);
    }
    return keys()
        .map(k -> k.resolve("trust.json"))
        .orElseThrow(
            () ->
                new CliException(
                    CliException.USAGE,
                    "whose keys are believed? give --trust FILE, or --data DIR of `up`"));
  }

  TrustStore trust() {
    return TrustStore.load(trustFile());
  }

  /** As a service whose key is in a file. */
  LogConnection connection(@Nullable Path key, String service) {
    Path file =
        key != null
            ? key
            : keys()
                .map(k -> k.resolve(service + ".jwk"))
                .orElseThrow(
                    () -> new CliException(CliException.USAGE, "which key signs? give --key FILE"));
    return new LogConnection(
        bootstrap(), kafkaProperties(), registryUrl(), file, trustFile(), 0, List.of());
  }

  static Signer signer(Path file) {
    try {
      return Signer.of(JWK.parse(Files.readString(file)));
    } catch (IOException | ParseException e) {
      throw new CliException(CliException.USAGE, "cannot read a key from " + file);
    }
  }

  /** The live log, or the copy in a directory or a bucket. */
  Copy copy(String from, S3Options s3) {
    if (from.equals(LIVE)) {
      return new KafkaCopy(kafka(), trust());
    }
    return Bucket.isMeant(from)
        ? new FileCopy(s3.open(this, from, Optional.empty()), trust())
        : new FileCopy(Path.of(from), trust());
  }

  /** The registry, or the schemas that lie with the copy. */
  SchemaRegistry schemas(Copy copy) {
    return copy instanceof FileCopy files ? files.schemas() : registry();
  }
}
