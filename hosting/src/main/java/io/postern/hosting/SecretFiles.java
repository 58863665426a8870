package io.postern.hosting;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.StandardEnvironment;
import org.springframework.core.env.SystemEnvironmentPropertySource;

/**
 * Secrets from files: {@code NAME_FILE=/run/secrets/x} in the environment has the same effect as
 * {@code NAME} with that file's content, without a line's end behind it. The content is in nobody's
 * process list, image or compose file.
 */
public final class SecretFiles {
  private static final String SUFFIX = "_FILE";
  private static final List<String> PREFIXES = List.of("POSTERN_", "SPRING_");
  private static final String SOURCE = "secretFiles";

  private SecretFiles() {}

  /**
   * What the files say, by the name of the variable that they stand for.
   *
   * @throws IllegalArgumentException that names the variable, and never says a content, when a file
   *     cannot be read or a variable is given both ways
   */
  public static Map<String, String> read(Map<String, String> environment) {
    Map<String, String> found = new HashMap<>();
    environment.forEach(
        (variable, file) -> {
          if (variable.endsWith(SUFFIX) && PREFIXES.stream().anyMatch(variable::startsWith)) {
            String name = variable.substring(0, variable.length() - SUFFIX.length());
            if (environment.containsKey(name)) {
              throw new IllegalArgumentException("set " + name + " or " + variable + ", not both");
            }
            found.put(name, content(variable, file));
          }
        });
    return found;
  }

  private static String content(String variable, String file) {
    try {
      return Files.readString(Path.of(file)).stripTrailing();
    } catch (IOException e) {
      throw new IllegalArgumentException(
          variable + ": cannot read " + file + " (" + e.getClass().getSimpleName() + ")", e);
    }
  }

  /** Adds them to what Spring binds, before the variables of the environment. */
  static void addTo(ConfigurableEnvironment environment, Map<String, String> variables) {
    Map<String, Object> read = new HashMap<>(read(variables));
    if (!read.isEmpty()) {
      // The name's end has Spring map it like the environment itself: A_B_C is a.b-c too.
      environment
          .getPropertySources()
          .addBefore(
              StandardEnvironment.SYSTEM_ENVIRONMENT_PROPERTY_SOURCE_NAME,
              new SystemEnvironmentPropertySource(
                  SOURCE + "-" + StandardEnvironment.SYSTEM_ENVIRONMENT_PROPERTY_SOURCE_NAME,
                  read));
    }
  }
}
