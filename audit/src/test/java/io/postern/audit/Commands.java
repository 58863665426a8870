package io.postern.audit;

import io.postern.audit.cli.Main;
import io.postern.platform.Platform;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.Map;

/** Runs commands against a platform as a person would. */
final class Commands {
  private Commands() {}

  /** What a command printed, and how it ended. */
  record Ran(int exitCode, String out, String err) {}

  static Ran run(Platform platform, String... args) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    int exitCode =
        Main.run(
            Map.of(
                "POSTERN_BOOTSTRAP",
                platform.kafka().bootstrapServers(),
                "POSTERN_REGISTRY",
                platform.registryUrl(),
                "POSTERN_TRUST",
                platform.keys().trust().toString()),
            new PrintWriter(out, true),
            new PrintWriter(err, true),
            args);
    return new Ran(exitCode, out.toString(), err.toString());
  }
}
