package io.postern.request.domain;

import static org.assertj.core.api.Assertions.assertThat;

import io.postern.model.Cidr;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ClientAddressTest {
  private static final List<Cidr> PROXIES =
      List.of(Cidr.parse("10.0.0.0/8"), Cidr.parse("2001:db8:1::/48"));

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      nullValues = "-",
      value = {
        "203.0.113.7 | - | 203.0.113.7",
        "203.0.113.7 | 198.51.100.1 | 203.0.113.7",
        "10.0.0.1 | - | 10.0.0.1",
        "10.0.0.1 | 198.51.100.1 | 198.51.100.1",
        "10.0.0.1 | 192.0.2.9, 198.51.100.1 | 198.51.100.1",
        "10.0.0.1 | 192.0.2.9, 10.0.0.2 | 192.0.2.9",
        "10.0.0.1 | 192.0.2.9;198.51.100.1, 10.0.0.2 | 198.51.100.1",
        "10.0.0.1 | 10.0.0.3, 10.0.0.2 | 10.0.0.3",
        "10.0.0.1 | unknown | 10.0.0.1",
        "10.0.0.1 | 0.0.0.0/0 | 10.0.0.1",
        "10.0.0.1 | 192.0.2.9, , 10.0.0.2 | 10.0.0.2",
        "2001:db8:1::1 | 2001:db8:2::7 | 2001:db8:2::7",
      })
  void isTheNearestThatIsNoneOfOurProxies(String connection, String headers, String expected) {
    // Several headers, here parted by a semicolon, are one list.
    List<String> values = headers == null ? List.of() : Arrays.asList(headers.split(";"));
    assertThat(ClientAddress.of(connection, values, PROXIES)).isEqualTo(expected);
  }

  @ParameterizedTest
  @CsvSource({"203.0.113.7,198.51.100.1", "10.0.0.1,198.51.100.1"})
  void withoutProxiesNobodysWordCounts(String connection, String header) {
    assertThat(ClientAddress.of(connection, List.of(header), List.of())).isEqualTo(connection);
  }
}
