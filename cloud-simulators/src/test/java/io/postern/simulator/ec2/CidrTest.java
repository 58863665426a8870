package io.postern.simulator.ec2;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CidrTest {

  @ParameterizedTest
  @CsvSource({
    "100.68.0.18/18, 100.68.0.0/18",
    "255.255.255.255/0, 0.0.0.0/0",
    "255.255.255.255/32, 255.255.255.255/32",
    "2001:DB8:0:0:1:0:0:1/128, 2001:db8::1:0:0:1/128",
    "2001:db8:0:1:1:1:1:1/128, 2001:db8:0:1:1:1:1:1/128",
    "ffff::1/0, ::/0",
    "fe80::1/64, fe80::/64",
    "::1/128, ::1/128",
    "1::/127, 1::/127",
    "::ffff:203.0.113.7/128, ::ffff:cb00:7107/128"
  })
  void blocksAreWrittenInOneWay(String given, String canonical) {
    assertThat(Cidr.block(given)).hasToString(canonical);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "10.0.0.1",
        "10.0.0/8",
        "256.0.0.0/8",
        "10.0.0.0/33",
        "10.0.0.0/",
        "/8",
        "::/129",
        "g::/8",
        "fe80::1%eth0/64",
        "10.0.0.0/-1",
        "10.0.0.0/8/8"
      })
  void whatIsNoBlockIsRefused(String given) {
    assertThatThrownBy(() -> Cidr.block(given)).isInstanceOf(Ec2Error.class);
  }

  @Test
  void anIpv4BlockIsNoIpv6Block() {
    assertThatThrownBy(() -> Cidr.ipv6("10.0.0.0/8")).isInstanceOf(Ec2Error.class);
    assertThatThrownBy(() -> Cidr.ipv4("::/0")).isInstanceOf(Ec2Error.class);
  }

  @ParameterizedTest
  @CsvSource({
    "10.0.0.0/8, 10.255.255.255, true",
    "10.0.0.0/8, 11.0.0.0, false",
    "0.0.0.0/0, 203.0.113.7, true",
    "0.0.0.0/0, ::1, false",
    "::/0, 2001:db8::1, true",
    "::/0, 203.0.113.7, false",
    "2001:db8::/65, 2001:db8::7fff:ffff:ffff:ffff, true",
    "2001:db8::/65, 2001:db8::8000:0:0:0, false",
    "2001:db8::/48, 2001:db8:1::1, false"
  })
  void aBlockContainsItsAddresses(String block, String address, boolean contained) {
    assertThat(Cidr.block(block).contains(Cidr.address(address))).isEqualTo(contained);
  }
}
