package io.postern.quickstart;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.Map;
import org.junit.jupiter.api.Test;

class PortsTest {
  @Test
  void areThoseOfTheReadmeUnlessTheEnvironmentMovesThem() {
    assertThat(Ports.from(Map.of())).isEqualTo(new Ports(8080, 8090, 8091, 9092, 8081));
    assertThat(Ports.from(Map.of("POSTERN_WEB_PORT", "18080")).web()).isEqualTo(18080);
    assertThat(Ports.from(Map.of("POSTERN_WEB_TLS_PORT", "8443")).secureWeb()).hasValue(8443);
  }

  @Test
  void whatIsNoPortIsSaidInOneSentence() {
    for (String wrong : new String[] {"", "0", "65536", "web", "-1"}) {
      assertThatThrownBy(() -> Ports.from(Map.of("POSTERN_ARM_PORT", wrong)))
          .isInstanceOf(StartException.class)
          .hasMessageContaining("POSTERN_ARM_PORT");
    }
  }

  @Test
  void aPortInUseIsSaidInOneSentenceThatNamesTheVariable() throws Exception {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.ofLiteral("127.0.0.1"))) {
      Ports ports = new Ports(free(), free(), taken.getLocalPort(), free(), free());
      assertThatThrownBy(ports::check)
          .isInstanceOf(StartException.class)
          .hasMessageContaining("POSTERN_EC2_PORT")
          .hasMessageContaining("" + taken.getLocalPort());
    }
  }

  private static int free() {
    return io.postern.platform.EmbeddedBroker.freePort();
  }
}
