package io.postern.cli;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/**
 * {@code postern completion}: all commands behind {@code ./postern}, whichever program they are.
 */
@Command(
    name = "completion",
    mixinStandardHelpOptions = true,
    description = "Print what completes commands and options in bash and zsh: source it.")
final class Completion implements Callable<Integer> {
  /** Generated from the commands themselves, which are in four programs. */
  static final String SCRIPT = "/postern-completion.bash";

  @Spec @Nullable CommandSpec spec;

  @Override
  public Integer call() throws IOException {
    CommandSpec known = spec;
    try (InputStream script = Completion.class.getResourceAsStream(SCRIPT)) {
      if (known == null || script == null) {
        throw new IllegalStateException("no " + SCRIPT + " in this program");
      }
      var out = known.commandLine().getOut();
      out.print(new String(script.readAllBytes(), StandardCharsets.UTF_8));
      out.flush();
    }
    return Exit.OK;
  }
}
