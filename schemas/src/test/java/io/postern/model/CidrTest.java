package io.postern.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetAddress;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CidrTest {
  @ParameterizedTest
  @CsvSource({
    "203.0.113.7, 203.0.113.7/32",
    "0.0.0.0/0, 0.0.0.0/0",
    "10.0.0.0/8, 10.0.0.0/8",
    "2001:DB8::1, 2001:db8::1/128",
    "2001:db8:0:0:1:0:0:1, 2001:db8::1:0:0:1/128",
    "::, ::/128",
    "::/0, ::/0",
    "::ffff:203.0.113.7, ::ffff:cb00:7107/128",
    "1:0:2:3:4:5:6:7, 1:0:2:3:4:5:6:7/128"
  })
  void writesTheCanonicalForm(String given, String canonical) {
    assertThat(Cidr.parse(given)).hasToString(canonical);
    assertThat(Cidr.parse(canonical)).isEqualTo(Cidr.parse(given));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        " ",
        "localhost",
        "203.0.113",
        "203.0.113.7.1",
        "203.0.113.256",
        "203.0.113.07",
        "0x7f.0.0.1",
        "203.0.113.7/33",
        "203.0.113.7/-1",
        "203.0.113.7/",
        "203.0.113.7/24",
        "203.0.113.7 ",
        "1.2.3.4/032",
        "2001:db8::1/129",
        "2001:db8::1/64",
        "fe80::1%eth0",
        "0cf02::1",
        ":::",
        "1:2:3:4:5:6:7:8:9",
        "::1.2.3.256",
        "12345::",
        "١.٢.٣.٤",
        "203.0.113.7\n"
      })
  void refusesWhatIsMalformed(String given) {
    assertThatThrownBy(() -> Cidr.parse(given)).isInstanceOf(InvalidValueException.class);
  }

  @Test
  void namesTheNetworkThatWasProbablyMeant() {
    assertThatThrownBy(() -> Cidr.parse("203.0.113.7/24")).hasMessageContaining("203.0.113.0/24");
  }

  @Test
  void agreesWithTheJdkAndWithArithmeticOnRandomNetworks() throws Exception {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    for (int i = 0; i < 20_000; i++) {
      byte[] bytes = new byte[random.nextBoolean() ? 4 : 16];
      random.nextBytes(bytes);
      for (int z = random.nextInt(bytes.length + 1); z < bytes.length; z += 1 + random.nextInt(3)) {
        bytes[z] = 0;
      }
      if (bytes.length == 16 && bytes[0] == 0) {
        bytes[0] = 0x20;
      }
      InetAddress address = InetAddress.getByAddress(bytes);
      Cidr single = Cidr.parse(address.getHostAddress());
      String where = "seed %d, case %d: %s".formatted(seed, i, address);
      assertThat(InetAddress.getByName(single.addressText())).as(where).isEqualTo(address);
      Cidr network = networkOf(bytes, random.nextInt(bytes.length * 8 + 1));
      assertThat(network.contains(single)).as(where).isTrue();
      Cidr other = networkOf(flip(bytes, random), random.nextInt(bytes.length * 8 + 1));
      boolean inside =
          network.first().compareTo(other.first()) <= 0
              && other.last().compareTo(network.last()) <= 0;
      assertThat(network.contains(other)).as(where + " " + network + " " + other).isEqualTo(inside);
      boolean apart =
          network.last().compareTo(other.first()) < 0
              || other.last().compareTo(network.first()) < 0;
      assertThat(network.overlaps(other)).as(where).isEqualTo(!apart);
    }
  }

  private static byte[] flip(byte[] bytes, Random random) {
    byte[] copy = bytes.clone();
    int bit = random.nextInt(copy.length * 8);
    copy[bit / 8] ^= (byte) (1 << (bit % 8));
    return copy;
  }

  private static Cidr networkOf(byte[] bytes, int length) throws Exception {
    byte[] network = bytes.clone();
    for (int bit = length; bit < network.length * 8; bit++) {
      network[bit / 8] &= (byte) ~(0x80 >> (bit % 8));
    }
    return Cidr.parse(InetAddress.getByAddress(network).getHostAddress() + "/" + length);
  }
}
