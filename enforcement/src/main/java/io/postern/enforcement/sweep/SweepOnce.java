package io.postern.enforcement.sweep;

import io.postern.enforcement.cloud.CloudException;
import io.postern.model.Scope;
import java.io.PrintStream;
import java.util.Collection;
import java.util.function.Supplier;

/** One look at each scope for what is overdue, for whoever stands at a terminal. */
public final class SweepOnce {
  private SweepOnce() {}

  /** What a cloud brings. */
  @FunctionalInterface
  public interface Sweeper {
    /** Takes away what is overdue in a scope; how many rules that were. */
    int sweep(Scope scope) throws CloudException;
  }

  /**
   * Sweeps every scope and prints a line for each, with {@code json} as JSON: {@code {"scope": ...,
   * "swept": 2}}.
   *
   * @param scopes read when there is something to sweep, so that a wrong one is a sentence
   * @return 0; 1 when a scope could not be swept, so that what is over there may be open; 2 when a
   *     scope is none
   */
  public static int print(
      Supplier<? extends Collection<Scope>> scopes,
      Sweeper sweeper,
      boolean json,
      PrintStream out,
      PrintStream err) {
    Collection<Scope> all;
    try {
      all = scopes.get();
    } catch (IllegalArgumentException e) {
      err.println("postern: " + e.getMessage());
      return 2;
    }
    int exit = 0;
    for (Scope scope : all) {
      try {
        int swept = sweeper.sweep(scope);
        // Nothing in a scope's name is to be escaped.
        String line = json ? "{\"scope\":\"%s\",\"swept\":%d}" : "%s: %d overdue rules taken away";
        out.println(line.formatted(scope, swept));
      } catch (CloudException e) {
        err.println(
            "postern: %s cannot be swept, what is over there may be open: %s"
                .formatted(scope, e.getMessage()));
        exit = 1;
      }
    }
    return exit;
  }
}
