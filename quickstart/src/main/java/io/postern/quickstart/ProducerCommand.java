package io.postern.quickstart;

import com.nimbusds.jose.jwk.JWK;
import io.postern.platform.RegisteredProducers;
import io.postern.platform.RegisteredProducers.SpeaksFor;
import io.postern.platform.setup.ProducerOptions;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code ./postern producer}: registers a bot that may write to {@code jit.requests}. */
@Command(
    name = "producer",
    mixinStandardHelpOptions = true,
    description =
        "Register a bot that may write requests to Kafka: makes its key pair, hands out the private"
            + " key once, and keeps the public one for the next `up --data DIR`.")
final class ProducerCommand implements Callable<Integer> {
  @Mixin ProducerOptions producer = new ProducerOptions();

  @Option(
      names = "--data",
      required = true,
      paramLabel = "DIR",
      description = "the data directory of `up`")
  Path data = Path.of("");

  @Option(
      names = "--key-file",
      paramLabel = "FILE",
      description = "write the private JWK to this file, for its owner only; printed otherwise")
  @Nullable Path keyFile;

  @Override
  public Integer call() {
    Console console = Console.standard(false);
    RegisteredProducers producers = RegisteredProducers.in(Data.at(data).keys());
    String name = producer.name();
    try {
      JWK key = producers.newKey(name, producer.keyType());
      SpeaksFor speaksFor = producer.speaksFor();
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
}
