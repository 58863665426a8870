package io.postern.hosting;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.core.env.StandardEnvironment;

class SecretFilesTest {
  @TempDir Path home;

  private String file(String content) throws IOException {
    return Files.writeString(home.resolve("secret"), content).toString();
  }

  @Test
  void aFilesContentStandsForTheVariable() throws IOException {
    StandardEnvironment environment = new StandardEnvironment();
    SecretFiles.addTo(environment, Map.of("POSTERN_TEST_PASS_WORD_FILE", file("geheim\n")));
    assertThat(environment.getProperty("POSTERN_TEST_PASS_WORD")).isEqualTo("geheim");
    assertThat(environment.getProperty("postern.test.pass-word")).isEqualTo("geheim");
  }

  @Test
  void othersVariablesAreLeftAlone() throws IOException {
    assertThat(SecretFiles.read(Map.of("AWS_WEB_IDENTITY_TOKEN_FILE", file("x")))).isEmpty();
  }

  @Test
  void whatCannotBeReadIsNamedByItsVariable() {
    assertThatThrownBy(() -> SecretFiles.read(Map.of("POSTERN_X_FILE", "/nowhere/at/all")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("POSTERN_X_FILE")
        .hasMessageContaining("/nowhere/at/all");
  }

  @Test
  void aVariableAndItsFileAreNotBothBelieved() throws IOException {
    String file = file("geheim");
    assertThatThrownBy(() -> SecretFiles.read(Map.of("POSTERN_X_FILE", file, "POSTERN_X", "other")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("POSTERN_X or POSTERN_X_FILE")
        .hasMessageNotContaining("geheim")
        .hasMessageNotContaining("other");
  }
}
