package io.postern.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class ArgumentsTest {
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  private int run(Map<String, String> environment, String... args) {
    return Postern.run(environment, new PrintWriter(out, true), new PrintWriter(err, true), args);
  }

  @Test
  void readsDurationsAsPeopleTypeThem() {
    assertThat(Durations.parse("15m")).isEqualTo(Duration.ofMinutes(15));
    assertThat(Durations.parse("1h30m")).isEqualTo(Duration.ofMinutes(90));
    assertThat(Durations.parse("pt45s")).isEqualTo(Duration.ofSeconds(45));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "15", "m15", "0m", "-5m", "one hour"})
  void saysHowADurationIsWritten(String text) {
    assertThatThrownBy(() -> Durations.parse(text))
        .isInstanceOf(CliException.class)
        .hasMessageContaining("15m");
  }

  private static List<JsonNode> machines() {
    return JsonMapper.shared()
        .readTree(
            """
            [{"name": "web-01", "id": "/s/web-01"}, {"name": "db", "id": "arn:x:instance/i-1"},
             {"name": "db", "id": "arn:x:instance/i-2"}]""")
        .valueStream()
        .toList();
  }

  @Test
  void findsAMachineByItsNameOrTheEndOfItsId() {
    assertThat(Machines.named("WEB-01", machines())).isEqualTo("/s/web-01");
    assertThat(Machines.named("i-2", machines())).isEqualTo("arn:x:instance/i-2");
  }

  @Test
  void refusesToGuessWhichMachineIsMeant() {
    assertThatThrownBy(() -> Machines.named("db", machines()))
        .hasMessageContaining("i-1")
        .hasMessageContaining("i-2");
    assertThatThrownBy(() -> Machines.named("nobody", machines())).hasMessageContaining("nobody");
  }

  @Test
  void makesTheSshCommandOfWhatIsOpen() {
    JsonNode request =
        JsonMapper.shared()
            .readTree(
                """
                {"grants": [{"connect": [{"address": "198.51.100.4", "port": 2222, "protocol": "TCP"}]}]}""");
    assertThat(SshCommand.command("ssh", "root", request, List.of("uptime")))
        .containsExactly("ssh", "-p", "2222", "root@198.51.100.4", "uptime");
  }

  @Test
  void showsWhatAServerSaysIsWrong() {
    JsonNode problem =
        JsonMapper.shared()
            .readTree(
                """
                {"detail": "wrong: sources[0]",
                 "errors": [{"field": "sources[0]", "rule": "must be a CIDR", "given": "1.2.3"}]}""");
    assertThat(Rest.sentence(400, problem))
        .isEqualTo("wrong: sources[0]\n  sources[0] must be a CIDR, given 1.2.3");
  }

  @Test
  void endsWithItsOwnCodeWhenNobodyAnswers() {
    assertThat(run(Map.of("POSTERN_URL", "http://127.0.0.1:1"), "machines"))
        .isEqualTo(Exit.UNREACHABLE);
    assertThat(err.toString()).startsWith("postern: no answer from http://127.0.0.1:1");
    assertThat(run(Map.of("POSTERN_WEB_PORT", "2"), "machines")).isEqualTo(Exit.UNREACHABLE);
    assertThat(err.toString()).contains("no answer from http://127.0.0.1:2");
  }

  @Test
  void endsWithTwoWhenTheCommandLineIsWrong() {
    assertThat(run(Map.of(), "request")).isEqualTo(Exit.USAGE);
    assertThat(run(Map.of("POSTERN_URL", "nonsense"), "machines")).isEqualTo(Exit.USAGE);
    assertThat(run(Map.of(), "policy", "put", Path.of("no-such-file").toString()))
        .isEqualTo(Exit.USAGE);
  }

  @Test
  void writesACompletionScript() {
    assertThat(run(Map.of(), "completion")).isEqualTo(Exit.OK);
    assertThat(out.toString()).contains("withdraw", "plan", "can-i", "ssh");
  }
}
