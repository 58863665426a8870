package io.postern.quickstart;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** docs/controls.md is what the tests say. {@code -Dpostern.docs.write=true} makes it anew. */
class ControlsTest {
  private static final Path ROOT = Path.of("..");
  private static final Path PAGE = ROOT.resolve("docs/controls.md");

  private final Controls controls = new Controls(ROOT);

  static Stream<Controls.Shown> shown() {
    return Controls.ALL.stream().flatMap(c -> c.tests().stream());
  }

  @ParameterizedTest
  @MethodSource("shown")
  void everyTestThatIsNamedIsThere(Controls.Shown shown) throws IOException {
    assertThat(controls.sources(shown)).as(shown.toString()).isNotEmpty();
  }

  @Test
  void thePageNamesTheseTestsAndNoOther() throws IOException {
    if (Boolean.getBoolean("postern.docs.write")) {
      Files.writeString(PAGE, controls.page());
    }
    assertThat(Controls.withoutResults(Files.readString(PAGE)))
        .isEqualTo(Controls.withoutResults(controls.page()));
  }
}
