package io.postern.request.defender;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.postern.model.Cidr;
import io.postern.model.FieldError;
import io.postern.model.MachineId;
import io.postern.model.PortRange;
import io.postern.model.PortRule;
import io.postern.model.PortSpec;
import io.postern.model.Protocol;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class InitiateReaderTest {
  private static final Instant NOW = Instant.parse("2026-11-24T10:00:00Z");
  private static final String CALLER = "198.51.100.1";
  private static final MachineId WEB = machine("web-01");
  private static final MachineId DB = machine("db-01");
  private static final MachineId APP = machine("app-01");
  private static final Map<MachineId, List<PortRule>> RULES =
      Map.of(
          WEB, List.of(rule(22, Protocol.TCP), rule(3389, Protocol.ANY)),
          DB, List.of(rule(22, Protocol.TCP)),
          APP, List.of(rule(22, Protocol.UDP)));

  private static MachineId machine(String name) {
    return new MachineId(
        "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/shop/providers/Microsoft.Compute/virtualMachines/"
            + name);
  }

  private static PortRule rule(int port, Protocol protocol) {
    return new PortRule(
        new PortSpec(new PortRange(port, port), protocol), List.of(), Duration.ofHours(3));
  }

  private static InitiateReader.Result read(String... machines) {
    try {
      return InitiateReader.read(
          new ObjectMapper()
              .readTree("{\"virtualMachines\": [" + String.join(",", machines) + "]}"),
          RULES,
          CALLER,
          NOW);
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException(e);
    }
  }

  private static String on(MachineId machine, String... ports) {
    return "{\"id\": \"%s\", \"ports\": [%s]}".formatted(machine, String.join(",", ports));
  }

  private static String port(int number, Duration time, String more) {
    return "{\"number\": %d, \"endTimeUtc\": \"%s\"%s}".formatted(number, NOW.plus(time), more);
  }

  @Test
  void whatIsAlikeBecomesOneRequest() {
    Duration hour = Duration.ofHours(1);

    List<InitiateReader.Ask> asks =
        read(on(WEB, port(22, hour, "")), on(DB, port(22, hour, ""))).asks();

    assertThat(asks)
        .containsExactly(
            new InitiateReader.Ask(
                List.of(WEB, DB),
                List.of(PortSpec.tcp(22)),
                List.of(Cidr.parse(CALLER)),
                NOW.plus(hour),
                hour));
  }

  @Test
  void otherEndsSourcesOrProtocolsAreRequestsOfTheirOwn() {
    Duration hour = Duration.ofHours(1);

    List<InitiateReader.Ask> asks =
        read(
                on(
                    WEB,
                    port(22, hour, ""),
                    port(3389, hour, ", \"allowedSourceAddressPrefix\": \"203.0.113.0/24\"")),
                on(DB, port(22, hour.plusMinutes(1), "")),
                on(APP, port(22, hour, "")))
            .asks();

    assertThat(asks).hasSize(4);
    assertThat(asks.stream().filter(a -> a.machines().contains(APP)))
        .singleElement()
        .satisfies(a -> assertThat(a.ports().get(0).protocol()).isEqualTo(Protocol.UDP));
    assertThat(asks.stream().flatMap(a -> a.sources().stream()).distinct())
        .containsExactlyInAnyOrder(Cidr.parse(CALLER), Cidr.parse("203.0.113.0/24"));
  }

  @Test
  void aClockThatIsAheadDoesNotMakeTheLongestTimeTooLong() {
    Duration longest = Duration.ofHours(3);

    assertThat(read(on(WEB, port(22, longest.plusSeconds(5), ""))).asks().get(0).duration())
        .isEqualTo(longest);
    assertThat(read(on(WEB, port(22, longest.plusSeconds(61), ""))).asks().get(0).duration())
        .isEqualTo(longest.plusSeconds(61));
  }

  @Test
  void aStarIsTheInternetAndNothingLess() {
    assertThat(
            read(on(WEB, port(22, Duration.ofHours(1), ", \"allowedSourceAddressPrefix\": \"*\"")))
                .asks()
                .get(0)
                .sources())
        .containsExactly(Cidr.parse("0.0.0.0/0"));
  }

  @Test
  void everyMistakeIsNamedWithItsField() {
    InitiateReader.Result wrong =
        read(
            on(machine("unknown"), port(22, Duration.ofHours(1), "")),
            on(WEB, port(23, Duration.ofHours(1), ""), port(22, Duration.ofHours(-1), "")),
            on(
                DB,
                port(
                    22,
                    Duration.ofHours(1),
                    ", \"allowedSourceAddressPrefix\": \"home\", \"allowedSourceAddressPrefixes\": []")));

    assertThat(wrong.asks()).isEmpty();
    assertThat(wrong.errors())
        .extracting(FieldError::field)
        .containsExactlyInAnyOrder(
            "virtualMachines[0].id",
            "virtualMachines[1].ports[0].number",
            "virtualMachines[1].ports[1].endTimeUtc",
            "virtualMachines[2].ports[0].allowedSourceAddressPrefixes",
            "virtualMachines[2].ports[0].allowedSourceAddressPrefix");
  }
}
