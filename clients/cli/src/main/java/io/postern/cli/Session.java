package io.postern.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import tools.jackson.databind.JsonNode;

/** What every command needs: where Postern is, who asks, and how to answer. */
class Session {
  private static final Duration POLL = Duration.ofMillis(300);

  @Spec(Spec.Target.MIXEE)
  @Nullable CommandSpec spec;

  @Option(
      names = "--url",
      paramLabel = "URL",
      description =
          "where Postern is; else POSTERN_URL, else http://127.0.0.1 and POSTERN_WEB_PORT or 8080")
  @Nullable String url;

  @Option(
      names = "--token-file",
      paramLabel = "FILE",
      description = "a file with the bearer token; else POSTERN_TOKEN holds it")
  @Nullable Path tokenFile;

  @Option(names = "--json", description = "print JSON")
  boolean json;

  private @Nullable Rest rest;

  Rest rest() {
    Rest known = rest;
    if (known == null) {
      known = new Rest(where(), token());
      rest = known;
    }
    return known;
  }

  private URI where() {
    String text = url != null ? url : environment().getOrDefault("POSTERN_URL", "");
    try {
      String here = "http://127.0.0.1:" + environment().getOrDefault("POSTERN_WEB_PORT", "8080");
      URI uri = URI.create(text.isBlank() ? here : text);
      if (uri.getHost() != null) {
        return uri;
      }
    } catch (IllegalArgumentException e) {
      // Said below.
    }
    throw new CliException(Exit.USAGE, "not a URL: " + text);
  }

  private String token() {
    Path file = tokenFile;
    if (file == null) {
      return environment().getOrDefault("POSTERN_TOKEN", "").strip();
    }
    try {
      return Files.readString(file).strip();
    } catch (IOException e) {
      throw new CliException(Exit.USAGE, "the token cannot be read from " + file);
    }
  }

  private CommandSpec spec() {
    CommandSpec known = spec;
    if (known == null) {
      throw new IllegalStateException("picocli sets it");
    }
    return known;
  }

  private Map<String, String> environment() {
    return ((Postern) spec().root().userObject()).environment();
  }

  PrintWriter out() {
    return spec().commandLine().getOut();
  }

  PrintWriter err() {
    return spec().commandLine().getErr();
  }

  void say(String text) {
    if (!json) {
      out().println(text);
      out().flush();
    }
  }

  void print(JsonNode tree) {
    out().println(tree);
    out().flush();
  }

  void print(List<JsonNode> items, Table table) {
    if (json) {
      items.forEach(this::print);
    } else {
      table.lines().forEach(this::say);
    }
  }

  /** The id of a machine that was named by its id or its name. */
  String machine(String named) {
    return Machines.isId(named) ? named : Machines.named(named, rest().list("/api/v1/machines"));
  }

  /**
   * Follows a request until its ports are open.
   *
   * @return the request
   * @throws CliException when it is denied, fails, ends, or takes too long
   */
  JsonNode awaitOpen(String id, Duration patience) {
    long deadline = System.nanoTime() + patience.toNanos();
    String shown = "";
    while (true) {
      // What was accepted is on the log; whoever answers may not have read it yet.
      Outcome outcome =
          rest()
              .find("/api/v1/requests/" + id)
              .map(Outcome::of)
              .orElse(new Outcome.Pending("SUBMITTED"));
      switch (outcome) {
        case Outcome.Open open -> {
          return open.request();
        }
        case Outcome.Over over -> {
          if (json) {
            print(over.request());
          }
          throw new CliException(Exit.REFUSED, over.why());
        }
        case Outcome.Pending pending -> {
          if (!pending.state().equals(shown)) {
            shown = pending.state();
            say(shown);
          }
          if (System.nanoTime() > deadline) {
            throw new CliException(
                Exit.TIMEOUT, "still " + shown + " after " + patience + "; request " + id);
          }
          pause();
        }
      }
    }
  }

  void pause() {
    try {
      TimeUnit.NANOSECONDS.sleep(POLL.toNanos());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CliException(Exit.TIMEOUT, "interrupted");
    }
  }

  /** How a command ends that failed. */
  static int explain(Exception e, CommandLine line, CommandLine.@Nullable ParseResult parsed) {
    line.getErr().println("postern: " + (e.getMessage() == null ? e : e.getMessage()));
    return e instanceof CliException c ? c.exitCode() : Exit.REFUSED;
  }
}
