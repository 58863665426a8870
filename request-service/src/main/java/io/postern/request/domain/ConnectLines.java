package io.postern.request.domain;

import io.postern.model.PortRange;
import java.util.List;
import java.util.Optional;

/** How to connect to what is open, ready to be pasted. */
public final class ConnectLines {
  private static final int SSH = 22;
  private static final int RDP = 3389;
  private static final int WINRM = 5985;
  private static final int WINRM_TLS = 5986;

  private ConnectLines() {}

  /**
   * One way to connect.
   *
   * @param command what to paste; only the user's own name is missing in it
   * @param remoteDesktop the address for a remote desktop client, when that is what listens
   */
  public record Line(String command, Optional<String> remoteDesktop) {}

  /** The lines of a grant, one for each endpoint that was opened; none before it is open. */
  public static List<Line> of(GrantView grant) {
    return grant.opened().stream()
        .flatMap(o -> o.connect().stream())
        .map(c -> line(c, service(grant, c)))
        .toList();
  }

  /**
   * The port of the machine that an endpoint leads to. Behind a firewall the endpoint has another
   * one; then it is known only where the grant has a single port.
   */
  private static int service(GrantView grant, Connect endpoint) {
    return grant
        .given()
        .map(GrantView.Given::ports)
        .filter(ports -> ports.size() == 1 && isSingle(ports.get(0).ports()))
        .map(ports -> ports.get(0).ports().from())
        .orElse(endpoint.port());
  }

  private static boolean isSingle(PortRange ports) {
    return ports.from() == ports.to();
  }

  private static Line line(Connect endpoint, int service) {
    String address = endpoint.address();
    int port = endpoint.port();
    String host = address.contains(":") ? "[" + address + "]" : address;
    return switch (service) {
      case SSH ->
          plain(port == SSH ? "ssh user@" + address : "ssh -p " + port + " user@" + address);
      case RDP -> new Line("mstsc /v:" + host + ":" + port, Optional.of(host + ":" + port));
      case WINRM -> plain("Enter-PSSession -ComputerName " + address + " -Port " + port);
      case WINRM_TLS ->
          plain("Enter-PSSession -ComputerName " + address + " -Port " + port + " -UseSSL");
      default -> plain(host + ":" + port + " (" + endpoint.protocol() + ")");
    };
  }

  private static Line plain(String command) {
    return new Line(command, Optional.empty());
  }
}
