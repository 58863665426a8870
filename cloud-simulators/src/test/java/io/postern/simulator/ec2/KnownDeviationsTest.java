package io.postern.simulator.ec2;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class KnownDeviationsTest {
  private final KnownDeviations deviations =
      new KnownDeviations(
          KnownDeviations.parse(List.of("# moto", "", "A.fails: InvalidGroup: not known")));

  private static void fail(String message) {
    throw new AssertionError(message);
  }

  @Test
  void aKnownFailureIsNone() {
    assertThatCode(() -> deviations.run("A.fails", () -> fail("was InvalidGroup: not known, yes")))
        .doesNotThrowAnyException();
  }

  @Test
  void anyOtherFailureIsOne() {
    assertThatThrownBy(() -> deviations.run("A.other", () -> fail("InvalidGroup: not known")))
        .hasMessage("InvalidGroup: not known");
    assertThatThrownBy(() -> deviations.run("A.fails", () -> fail("something else")))
        .hasMessageContaining("A.fails fails otherwise")
        .hasRootCauseMessage("something else");
  }

  @Test
  void aDeviationThatIsGoneIsTold() {
    assertThatThrownBy(() -> deviations.run("A.fails", () -> {}))
        .hasMessageContaining("take it off the list");
  }

  @Test
  void aFileThatSaysLessIsRefused() {
    for (List<String> lines :
        List.of(List.of("A.fails"), List.of("A.fails: "), List.of("A.b: x", "A.b: y"))) {
      assertThatThrownBy(() -> KnownDeviations.parse(lines))
          .isInstanceOf(IllegalArgumentException.class);
    }
    assertThatCode(() -> new KnownDeviations(Map.of()).run("A.b", () -> {}))
        .doesNotThrowAnyException();
  }
}
