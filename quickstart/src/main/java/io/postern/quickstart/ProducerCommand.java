package io.postern.quickstart;

import com.nimbusds.jose.jwk.JWK;
import io.postern.platform.RegisteredProducers;
import io.postern.platform.RegisteredProducers.KeyType;
import io.postern.platform.RegisteredProducers.Registered;
import io.postern.platform.RegisteredProducers.SpeaksFor;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code ./postern producer}: registers a bot that may write to {@code jit.requests}. */
@Command(
    name = "producer",
    mixinStandardHelpOptions = true,
    description =
        "Register a bot that may write requests to Kafka: makes its key pair, hands out the private"
            + " key once, and keeps the public one for the next `up --data DIR`.")
final class ProducerCommand implements Callable<Integer> {
  @Parameters(paramLabel = "NAME", description = "the bot's name; the key's id is NAME/1")
  String name = "";

  @Option(
      names = "--data",
      required = true,
      paramLabel = "DIR",
      description = "the data directory of `up`")
  Path data = Path.of("");

  @Option(
      names = "--subject",
      description = "it may speak for this subject; may be given several times")
  List<String> subjects = List.of();

  @Option(
      names = "--domain",
      description = "it may speak for subjects that end in @ and this domain")
  List<String> domains = List.of();

  @Option(names = "--issuer", description = "it may speak for whoever this issuer established")
  List<String> issuers = List.of();

  @Option(
      names = "--group",
      description = "it may state that those it speaks for are in this group")
  List<String> groups = List.of();

  @Option(
      names = "--key-type",
      description = "ED25519 (unless told otherwise) or P256: ${COMPLETION-CANDIDATES}")
  KeyType keyType = KeyType.ED25519;

  @Option(
      names = "--key-file",
      paramLabel = "FILE",
      description = "write the private JWK to this file, for its owner only; printed otherwise")
  @Nullable Path keyFile;

  @Override
  public Integer call() {
    Console console = Console.standard(false);
    RegisteredProducers producers = RegisteredProducers.in(Data.at(data).keys());
    SpeaksFor speaksFor = new SpeaksFor(subjects, domains, issuers, groups);
    try {
      JWK key = producers.newKey(name, keyType);
      if (speaksFor.isNobody()) {
        throw new StartException(
            name + " must speak for somebody: give --subject, --domain or --issuer");
      }
      if (keyFile != null) {
        writeSecret(keyFile, key.toJSONString());
      }
      producers.add(name, key, speaksFor);
      console.say(
          keyFile == null
              ? key.toJSONString()
              : name + " is registered; an `up` on the same data believes it from its next start");
      return 0;
    } catch (IllegalArgumentException e) {
      throw new StartException(String.valueOf(e.getMessage()));
    }
  }

  private static void writeSecret(Path file, String content) {
    try {
      Files.createFile(
          file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
      Files.writeString(file, content);
    } catch (FileAlreadyExistsException e) {
      throw new StartException(file + " is there already; a key is not overwritten");
    } catch (IOException e) {
      throw new StartException("cannot write " + file + ": " + e.getMessage());
    }
  }

  /** The same for policy-service: {@code postern.producers.NAME.*}. */
  static Map<String, String> properties(List<Registered> producers) {
    Map<String, String> properties = new HashMap<>();
    for (Registered producer : producers) {
      String prefix = "postern.producers[" + producer.name() + "].";
      put(properties, prefix + "subjects", producer.speaksFor().subjects());
      put(properties, prefix + "domains", producer.speaksFor().domains());
      put(properties, prefix + "issuers", producer.speaksFor().issuers());
      put(properties, prefix + "groups", producer.speaksFor().groups());
    }
    return properties;
  }

  private static void put(Map<String, String> properties, String name, List<String> values) {
    for (int i = 0; i < values.size(); i++) {
      properties.put(name + "[" + i + "]", values.get(i));
    }
  }
}
