package io.postern.simulator.ec2;

import java.io.IOException;
import java.lang.reflect.Method;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.InvocationInterceptor;
import org.junit.jupiter.api.extension.ReflectiveInvocationContext;

/**
 * What another EC2 is known to answer otherwise: the file in {@code
 * POSTERN_CONTRACT_AWS_DEVIATIONS}, a line for each test, {@code Class.method: part of the
 * failure's message}. A test that is named must fail with that message, any other must pass; so a
 * deviation that is new, that changed or that is gone turns the run red.
 */
final class KnownDeviations implements InvocationInterceptor {
  private final Map<String, String> known;

  KnownDeviations() {
    this(
        Optional.ofNullable(System.getenv("POSTERN_CONTRACT_AWS_DEVIATIONS"))
            .map(KnownDeviations::read)
            .orElse(Map.of()));
  }

  KnownDeviations(Map<String, String> known) {
    this.known = Map.copyOf(known);
  }

  private static Map<String, String> read(String file) {
    try {
      return parse(Files.readAllLines(Path.of(file)));
    } catch (IOException e) {
      throw new IllegalArgumentException(
          "POSTERN_CONTRACT_AWS_DEVIATIONS names " + file + ", which cannot be read", e);
    }
  }

  static Map<String, String> parse(List<String> lines) {
    Map<String, String> known = new TreeMap<>();
    for (String line : lines) {
      if (line.isBlank() || line.startsWith("#")) {
        continue;
      }
      String[] parts = line.split(": ", 2);
      if (parts.length != 2 || parts[1].isBlank()) {
        throw new IllegalArgumentException(
            "a deviation is \"Class.method: part of the failure's message\", not: " + line);
      }
      if (known.put(parts[0], parts[1].strip()) != null) {
        throw new IllegalArgumentException("named twice: " + parts[0]);
      }
    }
    return known;
  }

  @Override
  public void interceptTestMethod(
      Invocation<Void> test,
      ReflectiveInvocationContext<Method> context,
      ExtensionContext extension)
      throws Throwable {
    run(
        context.getTargetClass().getSimpleName() + "." + context.getExecutable().getName(),
        test::proceed);
  }

  /** A test. */
  interface Body {
    void run() throws Throwable;
  }

  void run(String test, Body body) throws Throwable {
    String expected = known.get(test);
    if (expected == null) {
      body.run();
      return;
    }
    try {
      body.run();
    } catch (Throwable e) {
      if (String.valueOf(e.getMessage()).contains(expected)) {
        return;
      }
      throw new AssertionError(test + " fails otherwise than with: " + expected, e);
    }
    throw new AssertionError(test + " is listed as a deviation and passes: take it off the list");
  }
}
