package io.postern.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** Random ids, good and nearly good, are taken apart as regular expressions do it. */
class MachineIdPropertyTest {
  private static final int IDS = 200_000;
  private static final Pattern ARM =
      Pattern.compile(
          "/subscriptions/([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})"
              + "/resourceGroups/([-\\w._()]{1,90})"
              + "/providers/Microsoft\\.Compute(?:/virtualMachineScaleSets/([-\\w.]{1,64}))?"
              + "/virtualMachines/([-\\w.]{1,64})",
          Pattern.CASE_INSENSITIVE);
  private static final Pattern ARN =
      Pattern.compile(
          "arn:aws(?:-cn|-us-gov)?:ec2:([a-z]{2}(?:-[a-z]+)+-[0-9]+):([0-9]{12}):instance/(i-[0-9a-f]{8,17})");

  private final long seed = Long.getLong("postern.seed", System.nanoTime());
  private final Random random = new Random(seed);

  private record Expected(String value, String scope) {}

  private static Optional<Expected> expected(String text) {
    Matcher arm = ARM.matcher(text);
    if (arm.matches()) {
      String scaleSet =
          arm.group(3) == null ? "" : "/virtualMachineScaleSets/" + lower(arm.group(3));
      return Optional.of(
          new Expected(
              "/subscriptions/%s/resourceGroups/%s/providers/Microsoft.Compute%s/virtualMachines/%s"
                  .formatted(
                      lower(arm.group(1)), lower(arm.group(2)), scaleSet, lower(arm.group(4))),
              "azure:" + lower(arm.group(1))));
    }
    Matcher arn = ARN.matcher(text);
    return arn.matches()
        ? Optional.of(new Expected(text, "aws:" + arn.group(2) + ":" + arn.group(1)))
        : Optional.empty();
  }

  private static String lower(String text) {
    return text.toLowerCase(Locale.ROOT);
  }

  private String of(String characters, int least, int most) {
    StringBuilder text = new StringBuilder();
    for (int n = least + random.nextInt(most - least + 1); n > 0; n--) {
      text.append(characters.charAt(random.nextInt(characters.length())));
    }
    return text.toString();
  }

  private String hex(int length) {
    return of("0123456789abcdefABCDEF", length, length);
  }

  private String arm() {
    String name = "-_.aZ09";
    String id =
        "/subscriptions/"
            + String.join("-", hex(8), hex(4), hex(4), hex(4), hex(12))
            + "/resourceGroups/"
            + of(name + "()", 1, 10)
            + "/providers/Microsoft.Compute"
            + (random.nextBoolean() ? "" : "/virtualMachineScaleSets/" + of(name, 1, 10))
            + "/virtualMachines/"
            + of(name, 1, 10);
    return switch (random.nextInt(4)) {
      case 0 -> id.toUpperCase(Locale.ROOT);
      case 1 -> lower(id);
      default -> id;
    };
  }

  private String arn() {
    StringBuilder region = new StringBuilder(of("abz", 2, 2));
    for (int n = 1 + random.nextInt(3); n > 0; n--) {
      region.append('-').append(of("abz", 1, 6));
    }
    return "arn:aws"
        + List.of("", "-cn", "-us-gov").get(random.nextInt(3))
        + ":ec2:"
        + region
        + "-"
        + of("0123", 1, 2)
        + ":"
        + of("0123456789", 12, 12)
        + ":instance/i-"
        + of("0123456789abcdef", 8, 17);
  }

  private String altered(String id) {
    int at = random.nextInt(id.length());
    String other = of(":/-aZ0.\n\u00e9\u017f\u212a", 0, 1);
    return id.substring(0, at) + other + id.substring(at + random.nextInt(2));
  }

  @Test
  void takesApartWhatTheExpressionsTakeApartAndRefusesTheRest() {
    int refused = 0;
    for (int n = 0; n < IDS; n++) {
      String good = random.nextBoolean() ? arm() : arn();
      String id = random.nextInt(3) == 0 ? altered(good) : good;
      Optional<Expected> expected = expected(id);
      if (expected.isEmpty()) {
        refused++;
        assertThatThrownBy(() -> new MachineId(id))
            .as("%s, seed %d", id, seed)
            .isInstanceOf(InvalidValueException.class);
      } else {
        MachineId machine = new MachineId(id);
        assertThat(new Expected(machine.value(), machine.scope().value()))
            .as("%s, seed %d", id, seed)
            .isEqualTo(expected.get());
      }
    }
    assertThat(refused).as("seed %d", seed).isBetween(1, IDS / 2);
  }
}
