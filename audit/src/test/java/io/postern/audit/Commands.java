package io.postern.audit;

import io.postern.audit.cli.Main;
import io.postern.platform.Platform;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
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
            environment(platform), new PrintWriter(out, true), new PrintWriter(err, true), args);
    return new Ran(exitCode, out.toString(), err.toString());
  }

  private static Map<String, String> environment(Platform platform) {
    return Map.of(
        "POSTERN_BOOTSTRAP",
        platform.kafka().bootstrapServers(),
        "POSTERN_REGISTRY",
        platform.registryUrl(),
        "POSTERN_TRUST",
        platform.keys().trust().toString());
  }

  /** The same in a process of its own. */
  static Process start(Platform platform, Path log, String... args) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-Xmx256m", "-cp", System.getProperty("java.class.path")));
    command.add(Main.class.getName());
    command.addAll(List.of(args));
    ProcessBuilder process =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile());
    process.environment().putAll(environment(platform));
    return process.start();
  }
}
