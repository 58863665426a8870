package io.postern.hosting;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.gen.ECKeyGenerator;
import com.nimbusds.jose.jwk.gen.OctetSequenceKeyGenerator;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.springframework.beans.factory.config.BeanDefinition;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.context.ConfigurableApplicationContext;

/**
 * A start for the JVM to learn from while an image is built: everything is wired and nothing begins
 * to work, with throw-away keys and nobody to talk to. The classes that it loads are what the
 * image's AOT cache holds.
 */
final class Training {
  private static final String NOWHERE = "127.0.0.1:1";

  private Training() {}

  static boolean isWanted(Map<String, String> variables) {
    return Boolean.parseBoolean(variables.getOrDefault("POSTERN_TRAINING", "false"));
  }

  /** What a service must be told to be wired. */
  static Map<String, Object> properties(String service) {
    try {
      Path directory = Files.createTempDirectory("postern-training");
      ECKey key = new ECKeyGenerator(Curve.P_256).keyID(service + "/1").generate();
      Map<String, Object> properties = new HashMap<>();
      properties.put("postern.log.bootstrap-servers", NOWHERE);
      properties.put("postern.log.registry-url", "http://" + NOWHERE);
      properties.put("postern.log.signing-key", file(directory, "signing.jwk", key.toJSONString()));
      String trusted = file(directory, "trust.json", new JWKSet(key.toPublicJWK()).toString());
      properties.put("postern.log.trust", trusted);
      properties.put("postern.issuer-keys", trusted);
      properties.put(
          "postern.marks.key",
          file(
              directory,
              "marks.jwk",
              new OctetSequenceKeyGenerator(256).keyID("marks/1").generate().toJSONString()));
      properties.put("postern.aws.scopes", "123456789012:eu-west-1");
      properties.put("postern.state-directory", directory.resolve("state").toString());
      properties.put("server.port", "0");
      return properties;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (JOSEException e) {
      throw new IllegalStateException(e);
    }
  }

  private static String file(Path directory, String name, String content) throws IOException {
    return Files.writeString(directory.resolve(name), content).toString();
  }

  /** Lets the service be wired without its beginning to work. */
  static void holdBack(ConfigurableApplicationContext context) {
    context.addBeanFactoryPostProcessor(Training::holdBack);
  }

  private static void holdBack(ConfigurableListableBeanFactory factory) {
    for (String name : factory.getBeanDefinitionNames()) {
      BeanDefinition definition = factory.getBeanDefinition(name);
      if ("start".equals(definition.getInitMethodName())) {
        definition.setInitMethodName(null);
      }
    }
  }

  /** Goes the ways that a real start goes to broker, registry and health, and ends the process. */
  static void finish(List<Need> needs, Progress progress) {
    needs.forEach(Need::missing);
    HealthServer.start("training", 0, progress).close();
    System.exit(0);
  }
}
