package io.postern.policy.domain;

import static org.assertj.core.api.Assertions.fail;

import io.postern.model.Cidr;
import io.postern.model.InvalidValueException;
import io.postern.model.PolicyTerms;
import java.math.BigInteger;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** A million texts given as a source, against an oracle that reads and counts in its own way. */
class SourceStringsFuzzTest {
  private static final int TEXTS = 1_000_000;
  private static final String ALPHABET = "0123456789abcdefABCDEFxg:./%[] -+\u0661\u0000\n";
  private static final List<String> SEEDS =
      List.of(
          "203.0.113.7",
          "8.8.8.8/32",
          "10.1.2.3",
          "192.168.0.1/32",
          "0.0.0.0/0",
          "0.0.0.0/1",
          "224.0.0.1",
          "169.254.169.254",
          "2606:4700::1111",
          "2606:4700::/32",
          "::/0",
          "::1",
          "fe80::1",
          "fc00::1/128",
          "ff02::1",
          "::ffff:8.8.8.8",
          "::ffff:10.0.0.1/128",
          "64:ff9b::808:808",
          "1:2:3:4:5:6:7:8",
          "1::8",
          "::8.8.8.8",
          "1:2:3:4:5:6:8.8.8.8/128");

  private static String random(Random random) {
    StringBuilder text = new StringBuilder(SEEDS.get(random.nextInt(SEEDS.size())));
    for (int n = random.nextInt(4); n > 0 && !text.isEmpty(); n--) {
      int at = random.nextInt(text.length());
      char c = ALPHABET.charAt(random.nextInt(random.nextInt(4) == 0 ? ALPHABET.length() : 16));
      switch (random.nextInt(4)) {
        case 0 -> text.setCharAt(at, c);
        case 1 -> text.insert(at, c);
        case 2 -> text.deleteCharAt(at);
        default -> text.append(random.nextBoolean() ? "/" + random.nextInt(130) : "");
      }
    }
    return text.toString();
  }

  private static boolean isAllowed(String text) {
    try {
      var policy = World.policy(PolicyTerms.NONE);
      return SourceRules.violation(List.of(Cidr.parse(text)), policy.ports().get(0), policy)
          .isEmpty();
    } catch (InvalidValueException e) {
      return false;
    }
  }

  @Test
  void onlySingleAddressesOfTheInternetAreAllowedWhereThePolicyNamesNoNetwork() {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    int allowed = 0;
    for (int i = 0; i < TEXTS; i++) {
      String text = random(random);
      boolean expected = Oracle.isSinglePublicAddress(text);
      if (isAllowed(text) != expected) {
        fail(
            "seed %d, text %d: <%s> should be %s", seed, i, text, expected ? "allowed" : "refused");
      }
      allowed += expected ? 1 : 0;
    }
    if (allowed < TEXTS / 100) {
      fail("only %d texts were allowed: the fuzz says nothing (seed %d)", allowed, seed);
    }
  }

  /** Reads character by character into a number; knows ranges as numbers. */
  private static final class Oracle {
    private record Range(boolean ipv6, BigInteger from, int hostBits) {
      boolean holds(boolean six, BigInteger address) {
        return six == ipv6
            && address.compareTo(from) >= 0
            && address.compareTo(from.add(BigInteger.TWO.pow(hostBits))) < 0;
      }
    }

    private static Range v4(int a, int b, int hostBits) {
      return new Range(false, BigInteger.valueOf(((long) a << 24) + ((long) b << 16)), hostBits);
    }

    private static Range v6(String firstGroups, int hostBits) {
      return new Range(true, new BigInteger(firstGroups, 16).shiftLeft(96), hostBits);
    }

    private static final List<Range> NOT_PUBLIC =
        List.of(
            v4(0, 0, 24),
            v4(10, 0, 24),
            v4(100, 64, 22),
            v4(127, 0, 24),
            v4(169, 254, 16),
            v4(172, 16, 20),
            v4(192, 168, 16),
            v4(224, 0, 28),
            v4(240, 0, 28),
            v6("0", 1),
            new Range(true, BigInteger.valueOf(0xffff).shiftLeft(32), 32),
            v6("64ff9b", 32),
            v6("fc000000", 121),
            v6("fe800000", 118),
            v6("ff000000", 120));

    static boolean isSinglePublicAddress(String text) {
      String[] parts = text.split("/", -1);
      boolean six = parts[0].indexOf(':') >= 0;
      if (parts.length > 2 || (parts.length == 2 && !parts[1].equals(six ? "128" : "32"))) {
        return false;
      }
      Optional<BigInteger> address = six ? ipv6(parts[0]) : ipv4(parts[0]);
      return address.filter(a -> NOT_PUBLIC.stream().noneMatch(r -> r.holds(six, a))).isPresent();
    }

    private static Optional<BigInteger> ipv4(String text) {
      String[] octets = text.split("[.]", -1);
      BigInteger value = BigInteger.ZERO;
      for (String octet : octets) {
        int number = 0;
        for (char c : octet.toCharArray()) {
          number = c < '0' || c > '9' || number > 255 ? 999 : number * 10 + (c - '0');
        }
        boolean leadingZero = octet.length() > 1 && octet.charAt(0) == '0';
        if (octet.isEmpty() || leadingZero || number > 255) {
          return Optional.empty();
        }
        value = value.shiftLeft(8).add(BigInteger.valueOf(number));
      }
      return octets.length == 4 ? Optional.of(value) : Optional.empty();
    }

    private static Optional<BigInteger> ipv6(String text) {
      int gap = text.indexOf("::");
      if (gap < 0) {
        return groups(text, true).filter(g -> g.count == 8).map(g -> g.value);
      }
      Optional<Groups> head = groups(text.substring(0, gap), false);
      Optional<Groups> tail = groups(text.substring(gap + 2), true);
      if (head.isEmpty() || tail.isEmpty() || head.get().count + tail.get().count > 7) {
        return Optional.empty();
      }
      return Optional.of(
          head.get().value.shiftLeft(128 - 16 * head.get().count).add(tail.get().value));
    }

    private record Groups(int count, BigInteger value) {}

    private static Optional<Groups> groups(String text, boolean mayEndInIpv4) {
      if (text.isEmpty()) {
        return Optional.of(new Groups(0, BigInteger.ZERO));
      }
      String[] parts = text.split(":", -1);
      Groups all = new Groups(0, BigInteger.ZERO);
      for (int i = 0; i < parts.length; i++) {
        boolean last = i == parts.length - 1;
        Optional<Groups> next =
            parts[i].indexOf('.') >= 0 && last && mayEndInIpv4
                ? ipv4(parts[i]).map(v -> new Groups(2, v))
                : group(parts[i]);
        if (next.isEmpty()) {
          return Optional.empty();
        }
        all =
            new Groups(
                all.count + next.get().count,
                all.value.shiftLeft(16 * next.get().count).add(next.get().value));
      }
      return Optional.of(all);
    }

    private static Optional<Groups> group(String text) {
      boolean hex = text.chars().allMatch(c -> "0123456789abcdefABCDEF".indexOf(c) >= 0);
      return text.isEmpty() || text.length() > 4 || !hex
          ? Optional.empty()
          : Optional.of(new Groups(1, new BigInteger(text, 16)));
    }
  }
}
