package io.postern.quickstart;

import static org.assertj.core.api.Assertions.assertThat;

import io.postern.cli.Postern;
import io.postern.policy.cli.Rehearse;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.AutoComplete;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/**
 * What completes {@code ./postern} knows what the commands offer, in whichever program they are.
 * {@code -Dpostern.docs.write=true} writes it anew.
 */
class CompletionTest {
  private static final Path SCRIPT =
      Path.of("../clients/cli/src/main/resources/postern-completion.bash");
  private static final Path WRAPPER = Path.of("../postern");

  /** The commands that the wrapper itself reads, by its own usage: {@code assess} and the like. */
  private static final Pattern IN_CLOUDS =
      Pattern.compile("in_clouds \"\\./postern (\\w+)([^\"]*)\"");

  private static final Pattern OPTION = Pattern.compile("\\[(--\\w+)( [A-Z:]+)?]");

  private static CommandLine everything() throws IOException {
    CommandLine all = Postern.commandLine(Map.of());
    CommandLine log = io.postern.audit.cli.Main.commandLine(Map.of());
    log.getSubcommands().forEach(all::addSubcommand);
    Main.commandLine().getSubcommands().forEach(all::addSubcommand);
    command(all, "policy").addSubcommand("rehearse", Rehearse.commandLine(Map.of()));
    IN_CLOUDS
        .matcher(Files.readString(WRAPPER))
        .results()
        .forEach(u -> all.addSubcommand(u.group(1), new CommandLine(spec(u.group(2)))));
    return all;
  }

  private static CommandLine command(CommandLine parent, String name) {
    return Objects.requireNonNull(parent.getSubcommands().get(name), name);
  }

  private static CommandSpec spec(String usage) {
    CommandSpec spec = CommandSpec.create();
    OPTION
        .matcher(usage)
        .results()
        .forEach(
            o ->
                spec.addOption(
                    o.group(2) == null
                        ? OptionSpec.builder(o.group(1)).build()
                        : OptionSpec.builder(o.group(1))
                            .type(o.group(2).equals(" FILE") ? Path.class : String.class)
                            .build()));
    return spec;
  }

  @Test
  void isWhatTheCommandsOffer() throws IOException {
    String script = AutoComplete.bash("postern", everything());
    if (Boolean.getBoolean("postern.docs.write")) {
      Files.writeString(SCRIPT, script);
    }
    assertThat(Files.readString(SCRIPT)).isEqualTo(script);
  }

  @Test
  void knowsEveryCommandThatTheWrapperKnows() throws IOException {
    String wrapper = Files.readString(WRAPPER);
    Set<String> known = new TreeSet<>();
    Pattern.compile("^([a-z][a-z |-]*)\\)( ;;)?$", Pattern.MULTILINE)
        .matcher(wrapper.substring(wrapper.indexOf("case \"${1:-}\" in")))
        .results()
        .map(MatchResult::group)
        .forEach(line -> known.addAll(List.of(line.replaceAll("[);]", "").strip().split(" \\| "))));
    assertThat(known)
        .contains("demo", "up", "token", "producer", "assess", "sweep", "audit", "dead-letters");
    assertThat(everything().getSubcommands().keySet()).containsAll(known);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "'dead-l' | dead-letters",
        "'audit ver' | verify",
        "'audit verify --reg' | --registry",
        "'policy reh' | rehearse",
        "'policy rehearse --sin' | --since",
        "'producer --key-' | --key-type --key-file",
        "'assess --str' | --strict",
        "'sweep --inst' | --installation",
        "'request --wh' | --why",
        "'up --da' | --data"
      })
  void completesInBash(String typed, String offered) throws IOException, InterruptedException {
    String words = "postern " + typed;
    Process bash =
        new ProcessBuilder(
                "bash",
                "-c",
                """
                source "$1"
                read -ra COMP_WORDS <<<"$2"
                COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
                _complete_postern postern "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD - 1]}"
                printf '%s\\n' "${COMPREPLY[@]}"
                """,
                "bash",
                SCRIPT.toString(),
                words)
            .redirectErrorStream(true)
            .start();
    String said = new String(bash.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(bash.waitFor()).as(said).isZero();
    assertThat(said.lines().map(String::strip)).contains(offered.split(" "));
  }
}
