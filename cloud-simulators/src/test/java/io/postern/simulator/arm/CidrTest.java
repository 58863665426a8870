package io.postern.simulator.arm;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Objects;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CidrTest {
  private static Cidr cidr(String text) {
    return Objects.requireNonNull(Cidr.parse(text), text);
  }

  @ParameterizedTest
  @CsvSource({
    "10.0.0.0/8, 10.255.255.255, true",
    "10.0.0.0/8, 11.0.0.0, false",
    "10.1.0.0/23, 10.1.1.255, true",
    "10.1.0.0/23, 10.1.2.0, false",
    "0.0.0.0/0, 1.2.3.4, true",
    "0.0.0.0/0, 2001:db8::1, false",
    "2001:db8::/33, 2001:db8:7fff::1, true",
    "2001:db8::/33, 2001:db8:8000::1, false",
    "10.1.0.0/24, 10.1.0.0/23, false"
  })
  void containsWhatLiesWhollyInIt(String network, String other, boolean contains) {
    assertThat(cidr(network).contains(cidr(other))).isEqualTo(contains);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "1.2.3", "1.2.3.4.5", "256.0.0.1", "1.2.3.4/33", "1.2.3.4/", "::/129", "web"})
  void refusesWhatIsNoNetwork(String text) {
    assertThat(Cidr.parse(text)).isNull();
  }

  @ParameterizedTest
  @CsvSource({"10.0.0.0/8, true", "10.0.0.1/8, false", "10.0.0.1/32, true", "::1/64, false"})
  void seesHostBits(String text, boolean none) {
    assertThat(cidr(text).hasNoHostBits()).isEqualTo(none);
  }
}
