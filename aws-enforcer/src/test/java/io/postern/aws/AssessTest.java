package io.postern.aws;

import static org.assertj.core.api.Assertions.assertThat;

import io.postern.simulator.ec2.Ec2Scene;
import io.postern.simulator.ec2.Ec2Simulator;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** {@code --assess}, with neither log nor key. */
class AssessTest {
  private final Ec2Simulator simulator = Ec2Simulator.start(Ec2Simulator.Options.defaults());
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();

  @AfterEach
  void stop() {
    simulator.close();
  }

  private int assess(String... more) {
    Ec2Scene.small(simulator);
    List<String> args =
        Stream.concat(
                Stream.of(
                    "--assess",
                    "--postern.aws.endpoint=" + simulator.url(),
                    "--postern.aws.scopes=123456789012:eu-west-1"),
                Stream.of(more))
            .toList();
    return AwsEnforcerApplication.assess(
        new PrintStream(out, true, StandardCharsets.UTF_8),
        new PrintStream(err, true, StandardCharsets.UTF_8),
        args.toArray(String[]::new));
  }

  private List<String> printed() {
    return out.toString(StandardCharsets.UTF_8).lines().toList();
  }

  @Test
  void printsTheTableTheWorstFirstAndWritesNothing() {
    assertThat(assess()).isZero();
    assertThat(printed().getFirst()).matches("MACHINE +ASSESSMENT +SEVERITY +REASON +SCOPE");
    assertThat(printed().get(1)).contains("UNHEALTHY", "CRITICAL", "22/TCP from any address");
    assertThat(printed().getLast()).contains("db-01", "HEALTHY", "MEDIUM");
    assertThat(printed()).hasSize(5);
    assertThat(simulator.server().journal().entries()).isNotEmpty();
    assertThat(simulator.server().journal().entries())
        .allSatisfy(e -> assertThat(e.action()).matches("(Describe|Get).*"));
  }

  @Test
  void printsTheSameAsJsonLinesInTheModeThatIsAskedFor() {
    assertThat(assess("--json", "--postern.assessment.mode=strict")).isZero();
    assertThat(printed())
        .hasSize(4)
        .allSatisfy(
            line -> assertThat(line).startsWith("{\"machineId\":\"arn:aws:ec2:").endsWith("}"));
    assertThat(printed().getFirst())
        .contains("\"mode\":\"STRICT\"", "\"reasonCode\":\"OPEN_TO_THE_WORLD\"");
  }

  @Test
  void whatIsNoScopeIsSaidInASentence() {
    assertThat(assess("--postern.aws.scopes=123456789012")).isEqualTo(2);
    assertThat(err.toString(StandardCharsets.UTF_8))
        .startsWith("postern: postern.aws.scopes: 123456789012 is not account:region");
    assertThat(printed()).isEmpty();
  }
}
