package io.postern.quickstart;

import java.io.PrintStream;
import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;
import tools.jackson.databind.json.JsonMapper;

/** What people, or machines, see: a line per part or step, with its time. */
public final class Console {
  private static final JsonMapper JSON = JsonMapper.shared();

  private final PrintStream out;
  private final boolean json;
  private final boolean colour;

  Console(PrintStream out, boolean json, boolean colour) {
    this.out = out;
    this.json = json;
    this.colour = colour && !json;
  }

  /** Standard output; in colour on a terminal, unless NO_COLOR is set. */
  public static Console standard(boolean json) {
    boolean terminal = System.console() != null && System.console().isTerminal();
    return new Console(System.out, json, terminal && System.getenv("NO_COLOR") == null);
  }

  void part(String name, String detail, Duration took) {
    if (json) {
      line(Map.of("type", "part", "name", name, "detail", detail, "millis", took.toMillis()));
    } else {
      print("  %-22s %-58s %6.1f s".formatted(name, detail, took.toMillis() / 1000.0));
    }
  }

  void heading(String text) {
    if (json) {
      line(Map.of("type", "heading", "text", text));
    } else {
      print("\n" + paint("1", text));
    }
  }

  void step(String cloud, String what, String proof, boolean holds, Duration took) {
    if (json) {
      line(
          Map.of(
              "type",
              "step",
              "cloud",
              cloud,
              "what",
              what,
              "proof",
              proof,
              "holds",
              holds,
              "millis",
              took.toMillis()));
    } else {
      String mark = holds ? paint("32", "ok  ") : paint("31", "FAIL");
      print("  %s %-6s %s".formatted(mark, cloud, what));
      print("             %s  [%d ms]".formatted(paint("2", proof), took.toMillis()));
    }
  }

  void say(String text) {
    if (json) {
      line(Map.of("type", "note", "text", text));
    } else {
      print(text);
    }
  }

  private String paint(String code, String text) {
    return colour ? "\u001b[" + code + "m" + text + "\u001b[0m" : text;
  }

  private void line(Map<String, Object> fields) {
    print(JSON.writeValueAsString(new TreeMap<>(fields)));
  }

  private synchronized void print(String text) {
    out.println(text);
    out.flush();
  }
}
