package io.postern.platform.setup;

import com.nimbusds.jose.jwk.JWK;
import io.postern.log.Topics;
import io.postern.platform.Certificates;
import io.postern.platform.RegisteredProducers;
import io.postern.platform.RegisteredProducers.Registered;
import io.postern.platform.ServiceKeys;
import java.io.IOException;
import java.io.Reader;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Properties;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/**
 * {@code postern-setup producer}: all that a bot needs before Postern believes it. Its certificate
 * and private key are handed out once; services are told whom it may speak for by files beside
 * their keys, which they read when they start.
 */
@Command(
    name = "producer",
    mixinStandardHelpOptions = true,
    description =
        "Register a bot that may write requests to Kafka: key, certificate, access control, and"
            + " whom it may speak for.")
final class ProducerCommand implements Callable<Integer> {
  /** What a service reads beside its keys; the services' {@code spring.config.import} names it. */
  static final String PROPERTIES = "producers.properties";

  private static final String OWN_TOPICS = "postern.log.producer-topics";

  @Mixin ProducerOptions producer = new ProducerOptions();

  @Option(
      names = "--out",
      required = true,
      paramLabel = "DIR",
      description = "the directory of `keys`")
  Path out = Path.of("");

  @Option(
      names = "--hand-out",
      required = true,
      paramLabel = "DIR",
      description = "where the bot's own files go: signing.jwk, tls.pem, ca.pem, trust.json")
  Path handOut = Path.of("");

  @Option(
      names = "--own-topic",
      description = "it writes jit.requests.NAME, where nobody else may, and signs nothing")
  boolean ownTopic;

  @Option(
      names = "--bootstrap",
      paramLabel = "HOST:PORT",
      description = "the broker; without, access control is left to `topics`")
  @Nullable String bootstrap;

  @Option(
      names = "--registry",
      paramLabel = "URL",
      description = "base URL of the Confluent-compatible registry, with --bootstrap")
  @Nullable String registry;

  @Option(
      names = "--partitions",
      description = "partitions of its topic (unless told otherwise ${DEFAULT-VALUE})")
  int partitions = Topics.DEFAULT_PARTITIONS;

  @Option(names = "--replicas", description = "replicas (unless told otherwise ${DEFAULT-VALUE})")
  short replicas = 1;

  @Override
  public Integer call() throws IOException, InterruptedException, ExecutionException {
    if ((bootstrap == null) != (registry == null)) {
      throw new IllegalArgumentException("--bootstrap and --registry go together");
    }
    String name = producer.name();
    Path authority = out.resolve("authority");
    if (!Files.isDirectory(authority)) {
      throw new IllegalArgumentException(authority + " is not there: `keys` makes it");
    }
    Path signing = handOut.resolve("signing.jwk");
    if (Files.exists(signing)) {
      throw new IllegalArgumentException(signing + " is there already; a key is not overwritten");
    }
    RegisteredProducers producers = ServiceKeys.in(authority).producers();
    JWK key = producers.newKey(name, producer.keyType());
    RegisteredProducers.SpeaksFor speaksFor = producer.speaksFor();
    Certificates certificates = Certificates.in(authority, Clock.systemUTC());
    Files.createDirectories(handOut);
    certificates.issue(Topics.outsider(name), List.of(), handOut);
    // The broker first: what fails there can be done again under the same name.
    if (bootstrap != null) {
      allow(name, bootstrap, String.valueOf(registry));
    }
    KeysCommand.write(signing, key.toJSONString());
    producers.add(name, key, speaksFor);
    ServiceKeys keys = ServiceKeys.in(authority);
    KeysCommand.give(keys.trust(), handOut.resolve("trust.json"));
    tell(keys, producers.all());
    System.out.println(
        "%s is registered, its files are in %s; policy-service%s it from the next start%s"
            .formatted(
                name,
                handOut,
                ownTopic ? " and request-service read" : " believes",
                bootstrap == null ? "; its access control is still to be put in place" : ""));
    return 0;
  }

  private void allow(String name, String broker, String schemas)
      throws InterruptedException, ExecutionException {
    TopicsCommand topics = new TopicsCommand();
    topics.bootstrap = broker;
    topics.registry = schemas;
    topics.tls = out.resolve(KeysCommand.ADMIN);
    topics.partitions = partitions;
    topics.replicas = replicas;
    if (ownTopic) {
      topics.outsiders.own = List.of(name);
    } else {
      topics.outsiders.signing = List.of(name);
    }
    topics.call();
  }

  /** Each service gets the new keys; those that ask who may speak, and where, are told. */
  private void tell(ServiceKeys keys, List<Registered> producers) throws IOException {
    for (String service : Topics.SERVICES) {
      Path its = Files.createDirectories(out.resolve(service));
      Object owner = Files.getAttribute(its, "unix:uid");
      KeysCommand.give(keys.trust(), its.resolve("trust.json"));
      KeysCommand.write(its.resolve(PROPERTIES), properties(its.resolve(PROPERTIES), producers));
      for (String file : List.of("trust.json", PROPERTIES)) {
        Files.setAttribute(its.resolve(file), "unix:uid", owner);
      }
    }
  }

  private String properties(Path file, List<Registered> producers) throws IOException {
    Properties before = new Properties();
    if (Files.exists(file)) {
      try (Reader reader = Files.newBufferedReader(file)) {
        before.load(reader);
      }
    }
    TreeSet<String> own =
        Stream.of(before.getProperty(OWN_TOPICS, "").split(",", -1))
            .filter(n -> !n.isBlank())
            .collect(Collectors.toCollection(TreeSet::new));
    if (ownTopic) {
      own.add(producer.name());
    }
    Properties all = new Properties();
    RegisteredProducers.properties(producers).forEach(all::setProperty);
    if (!own.isEmpty()) {
      all.setProperty(OWN_TOPICS, String.join(",", own));
    }
    StringWriter text = new StringWriter();
    all.store(text, null);
    return text.toString();
  }
}
