package io.postern.policy.lookup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.postern.policy.domain.Finding;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TicketSystemTest {
  private static final BoundedLookup.Limits LIMITS =
      new BoundedLookup.Limits(
          4, 2, Duration.ofMillis(1), Duration.ofSeconds(5), 100, Duration.ofMinutes(1));

  private static TicketSystem.Settings settings(String url) {
    return new TicketSystem.Settings(
        url,
        Optional.of("/fields/status"),
        Set.of("Open"),
        Optional.empty(),
        Duration.ofMillis(300));
  }

  private static TicketSystem system(Outside outside) {
    return new TicketSystem(settings(outside.url() + "/api/{ticket}?fields=status"), LIMITS);
  }

  private static String state(String state) {
    return "{\"fields\":{\"status\":\"" + state + "\"}}";
  }

  @Test
  void anOpenTicketHoldsAndIsAskedForOnce() {
    try (Outside outside = new Outside(uri -> Outside.Reply.of(200, state("Open")));
        TicketSystem tickets = system(outside)) {
      assertThat(tickets.find("INC-42").result()).isEqualTo(Finding.Result.HOLDS);
      assertThat(tickets.find("INC-42").result()).isEqualTo(Finding.Result.HOLDS);
      assertThat(outside.asked).containsExactly("/api/INC-42?fields=status");
    }
  }

  @Test
  void whatWouldAskForAllTicketsIsNoTicket() {
    try (Outside outside = new Outside(uri -> Outside.Reply.of(200, state("Open")));
        TicketSystem tickets = system(outside)) {
      for (String none : new String[] {"", " ", ".", "..", "../x"}) {
        assertThat(tickets.find(none).result()).as(none).isEqualTo(Finding.Result.FAILS);
      }
      assertThat(outside.asked).isEmpty();
    }
  }

  @Test
  void aClosedOrMissingTicketFails() {
    try (Outside outside =
            new Outside(
                uri ->
                    uri.contains("INC-1")
                        ? Outside.Reply.of(200, state("Closed"))
                        : Outside.Reply.of(404, ""));
        TicketSystem tickets = system(outside)) {
      assertThat(tickets.find("INC-1").result()).isEqualTo(Finding.Result.FAILS);
      assertThat(tickets.find("INC-1").detail()).contains("Closed");
      assertThat(tickets.find("INC-2").result()).isEqualTo(Finding.Result.FAILS);
    }
  }

  @Test
  void anErrorIsTriedAgainAndThenUnavailableAndNotKept() {
    AtomicInteger failures = new AtomicInteger(2);
    try (Outside outside =
            new Outside(
                uri ->
                    failures.getAndDecrement() > 0
                        ? Outside.Reply.of(503, "")
                        : Outside.Reply.of(200, state("Open")));
        TicketSystem tickets = system(outside)) {
      assertThat(tickets.find("INC-42").result()).isEqualTo(Finding.Result.UNAVAILABLE);
      assertThat(outside.asked).hasSize(2);
      assertThat(tickets.find("INC-42").result()).isEqualTo(Finding.Result.HOLDS);
    }
  }

  @Test
  void silenceIsUnavailable() {
    CountDownLatch never = new CountDownLatch(1);
    try (Outside outside =
            new Outside(
                uri -> {
                  never.await();
                  return Outside.Reply.of(200, state("Open"));
                });
        TicketSystem tickets = system(outside)) {
      assertThat(tickets.find("INC-42").result()).isEqualTo(Finding.Result.UNAVAILABLE);
      never.countDown();
    }
  }

  @Test
  void aRedirectIsNotFollowed() {
    try (Outside elsewhere = new Outside(uri -> Outside.Reply.of(200, state("Open")));
        Outside outside =
            new Outside(uri -> new Outside.Reply(302, "", elsewhere.url().toString()));
        TicketSystem tickets = system(outside)) {
      assertThat(tickets.find("INC-42").result()).isEqualTo(Finding.Result.UNAVAILABLE);
      assertThat(elsewhere.asked).isEmpty();
    }
  }

  @Test
  void aTicketIsOnePartOfThePathWhateverItSays() {
    try (Outside outside = new Outside(uri -> Outside.Reply.of(200, state("Open")));
        TicketSystem tickets = system(outside)) {
      tickets.find("a/b?c=d#e@f:80 g%2e");
      assertThat(outside.asked)
          .containsExactly("/api/a%2Fb%3Fc%3Dd%23e%40f%3A80%20g%252e?fields=status");
      assertThat(tickets.find("../admin").result()).isEqualTo(Finding.Result.FAILS);
      assertThat(outside.asked).hasSize(1);
    }
  }

  @Test
  void saysWhoItIs(@TempDir Path directory) throws Exception {
    Path file = Files.writeString(directory.resolve("authorization"), "Bearer of-tests\n");
    try (Outside outside = new Outside(uri -> Outside.Reply.of(200, ""));
        TicketSystem tickets =
            new TicketSystem(
                new TicketSystem.Settings(
                    outside.url() + "/{ticket}",
                    Optional.empty(),
                    Set.of(),
                    Optional.of(file),
                    Duration.ofSeconds(2)),
                LIMITS)) {
      assertThat(tickets.find("INC-42").result()).isEqualTo(Finding.Result.HOLDS);
      assertThat(outside.authorizations).containsExactly("Bearer of-tests");
    }
  }

  @Test
  void aTicketChoosesNoHost() {
    for (String url :
        new String[] {
          "https://{ticket}.example.org/", "{ticket}", "ftp://example.org/{ticket}", "https://x/y"
        }) {
      assertThatThrownBy(() -> settings(url))
          .as(url)
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("postern.ticket.url");
    }
  }
}
