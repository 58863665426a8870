package io.postern.policy.domain;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** The evaluator of Azure's roles beside one that goes through everything, word by word. */
class AzureAccessPropertyTest {
  private static final int CASES = 50_000;
  private static final List<String> PARTS =
      List.of("Microsoft.Compute", "virtualMachines", "read", "write", "a", "aa", "ab");
  private static final List<String> SCOPES =
      List.of(
          "",
          "/",
          "/providers/Microsoft.Management/managementGroups/g",
          "/subscriptions/S",
          "/subscriptions/s/resourceGroups/shop",
          "/subscriptions/s/resourceGroups/sho",
          "/subscriptions/s/resourceGroups/shop/providers/p/vm",
          "/subscriptions/t");
  private static final String MACHINE = "/subscriptions/s/resourceGroups/SHOP/providers/p/vm";

  private final long seed = System.nanoTime();
  private final Random random = new Random(seed);

  private String action() {
    List<String> parts = new ArrayList<>();
    for (int i = 0; i <= random.nextInt(3); i++) {
      parts.add(PARTS.get(random.nextInt(PARTS.size())));
    }
    return String.join("/", parts);
  }

  private String pattern() {
    if (random.nextInt(8) == 0) {
      return "*";
    }
    StringBuilder text = new StringBuilder(action());
    for (int stars = random.nextInt(3); stars > 0; stars--) {
      int from = random.nextInt(text.length());
      text.replace(from, Math.min(text.length(), from + random.nextInt(6)), "*");
    }
    return random.nextBoolean() ? text.toString() : text.toString().toUpperCase(Locale.ROOT);
  }

  private List<String> patterns(int most) {
    List<String> all = new ArrayList<>();
    for (int i = random.nextInt(most + 1); i > 0; i--) {
      all.add(pattern());
    }
    return all;
  }

  private List<AzureAccess.Permission> permissions() {
    List<AzureAccess.Permission> all = new ArrayList<>();
    for (int i = random.nextInt(3); i > 0; i--) {
      all.add(new AzureAccess.Permission(patterns(3), patterns(2)));
    }
    return all;
  }

  private String scope() {
    return SCOPES.get(random.nextInt(SCOPES.size()));
  }

  @Test
  void saysWhatGoingThroughEverythingSays() {
    int allowed = 0;
    for (int i = 0; i < CASES; i++) {
      List<AzureAccess.Assignment> assignments = new ArrayList<>();
      for (int n = random.nextInt(4); n > 0; n--) {
        assignments.add(new AzureAccess.Assignment(scope(), random.nextInt(5) == 0, permissions()));
      }
      List<AzureAccess.Denial> denials = new ArrayList<>();
      for (int n = random.nextInt(3); n > 0; n--) {
        denials.add(
            new AzureAccess.Denial(
                scope(),
                random.nextBoolean(),
                random.nextInt(3) == 0 ? List.of("ALICE") : List.of("bob"),
                permissions()));
      }
      String action = action();
      boolean naive = naive(action, assignments, denials);
      allowed += naive ? 1 : 0;
      assertThat(
              AzureAccess.firstRefused("alice", MACHINE, List.of(action), assignments, denials)
                  .isEmpty())
          .as("seed %d, case %d: %s of %s less %s", seed, i, action, assignments, denials)
          .isEqualTo(naive);
    }
    // Neither all yes nor all no.
    assertThat(allowed).isBetween(CASES / 50, CASES / 2);
  }

  private static boolean naive(
      String action, List<AzureAccess.Assignment> assignments, List<AzureAccess.Denial> denials) {
    boolean granted = false;
    for (AzureAccess.Assignment a : assignments) {
      if (!a.conditional() && above(a.scope())) {
        granted |= covered(action, a.role());
      }
    }
    for (AzureAccess.Denial d : denials) {
      boolean there = d.onlyThere() ? d.scope().equalsIgnoreCase(MACHINE) : above(d.scope());
      if (there && !d.excluded().contains("ALICE") && covered(action, d.permissions())) {
        granted = false;
      }
    }
    return granted;
  }

  private static boolean above(String scope) {
    return switch (scope) {
      case "/subscriptions/t", "/subscriptions/s/resourceGroups/sho" -> false;
      default -> true;
    };
  }

  private static boolean covered(String action, List<AzureAccess.Permission> permissions) {
    for (AzureAccess.Permission p : permissions) {
      boolean yes = false;
      for (String pattern : p.actions()) {
        yes |= glob(pattern.toLowerCase(Locale.ROOT), action.toLowerCase(Locale.ROOT));
      }
      for (String pattern : p.notActions()) {
        yes &= !glob(pattern.toLowerCase(Locale.ROOT), action.toLowerCase(Locale.ROOT));
      }
      if (yes) {
        return true;
      }
    }
    return false;
  }

  private static boolean glob(String pattern, String text) {
    if (pattern.isEmpty()) {
      return text.isEmpty();
    }
    if (pattern.charAt(0) == '*') {
      for (int i = 0; i <= text.length(); i++) {
        if (glob(pattern.substring(1), text.substring(i))) {
          return true;
        }
      }
      return false;
    }
    return !text.isEmpty()
        && pattern.charAt(0) == text.charAt(0)
        && glob(pattern.substring(1), text.substring(1));
  }
}
