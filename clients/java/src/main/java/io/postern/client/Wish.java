package io.postern.client;

import io.postern.event.Person;
import io.postern.event.PortSelection;
import io.postern.event.Protocol;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * What a bot asks for: ports of one machine.
 *
 * @param requestor for whom; the bot's key must be registered to speak for them
 * @param machine ARM resource id or EC2 instance ARN
 * @param sources addresses or CIDRs from which to reach the ports
 */
public record Wish(
    Person requestor,
    String machine,
    List<PortSelection> ports,
    List<String> sources,
    Duration duration,
    Optional<String> justification) {
  public Wish {
    ports = List.copyOf(ports);
    sources = List.copyOf(sources);
  }

  /** One TCP port from one source. */
  public static Wish tcp(
      Person requestor, String machine, int port, String source, Duration duration) {
    return new Wish(
        requestor,
        machine,
        List.of(new PortSelection(port, port, Protocol.TCP)),
        List.of(source),
        duration,
        Optional.empty());
  }

  /** The same, with the reason that a policy may ask for. */
  public Wish because(String reason) {
    return new Wish(requestor, machine, ports, sources, duration, Optional.of(reason));
  }
}
