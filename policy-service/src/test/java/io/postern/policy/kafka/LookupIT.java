package io.postern.policy.kafka;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.postern.event.AccessDenied;
import io.postern.event.AccessGranted;
import io.postern.event.Person;
import io.postern.event.Reason;
import io.postern.event.RequestSubmitted;
import io.postern.model.ErrorCode;
import io.postern.model.MachineFacts;
import io.postern.model.MachineId;
import io.postern.model.PolicyTerms;
import io.postern.model.Requestor;
import io.postern.policy.domain.Finding;
import io.postern.policy.domain.Lookups;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is looked up outside decides, and holds nobody else up. */
class LookupIT {
  private static final int MANY = 300;
  private static final MachineId PLAIN =
      new MachineId("arn:aws:ec2:eu-west-1:123456789012:instance/i-0aaaaaaaaaaaaaab1");
  private static final MachineId ASKED =
      new MachineId("arn:aws:ec2:eu-west-1:123456789012:instance/i-0aaaaaaaaaaaaaab2");

  @TempDir Path state;
  private final AtomicInteger waiting = new AtomicInteger();
  private volatile CountDownLatch answers = new CountDownLatch(0);
  private PolicyHarness harness;

  private final class Slow implements Lookups {
    @Override
    public Finding ticket(String ticket) {
      Finding.Result result =
          switch (ticket) {
            case "INC-1" -> Finding.Result.HOLDS;
            case "INC-2" -> Finding.Result.FAILS;
            default -> Finding.Result.UNAVAILABLE;
          };
      return new Finding(Finding.Kind.TICKET, ticket, result, ticket + " is " + result);
    }

    @Override
    public Finding cloudPermission(Requestor person, MachineFacts machine) {
      waiting.incrementAndGet();
      try {
        answers.await();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
      Finding.Result result =
          switch (person.subject()) {
            case "mallory" -> Finding.Result.FAILS;
            case "trudy" -> Finding.Result.UNAVAILABLE;
            default -> Finding.Result.HOLDS;
          };
      return new Finding(Finding.Kind.CLOUD_PERMISSION, person.subject(), result, "said so");
    }
  }

  @BeforeEach
  void start() throws Exception {
    harness = new PolicyHarness(PLAIN, state, new Slow(), Clock.systemUTC());
    harness.see(ASKED);
    harness.put(PolicyHarness.policy("plain-lookup", PolicyTerms.NONE, PLAIN));
    harness.put(
        PolicyHarness.policy(
            "asked-lookup",
            PolicyTerms.NONE.withLookups(Optional.of(Pattern.compile("INC-[0-9]+")), true),
            ASKED));
  }

  @AfterEach
  void stop() {
    harness.close();
  }

  private RequestSubmitted ask(String who, MachineId machine, String why) throws Exception {
    RequestSubmitted request =
        RequestSubmitted.newBuilder(
                PolicyHarness.request(new Person(who, "i", List.of("sre")), "203.0.113.9", machine))
            .setJustification(why)
            .build();
    harness.say(request.getRequestId(), request);
    return request;
  }

  private void assertGranted(RequestSubmitted request) throws Exception {
    harness.probe.await(AccessGranted.class, g -> g.getRequestId().equals(request.getRequestId()));
  }

  private void assertDenied(RequestSubmitted request, ErrorCode why) throws Exception {
    assertThat(
            harness
                .probe
                .await(AccessDenied.class, d -> d.getRequestId().equals(request.getRequestId()))
                .getReasons())
        .extracting(Reason::getCode)
        .containsExactly(why.name());
  }

  @Test
  void decidesByWhatIsFound() throws Exception {
    assertGranted(ask("alice", ASKED, "for INC-1"));
    assertDenied(ask("alice", ASKED, "for INC-2"), ErrorCode.TICKET_UNSATISFIED);
    assertDenied(ask("alice", ASKED, "for INC-3"), ErrorCode.TICKET_UNAVAILABLE);
    assertDenied(ask("alice", ASKED, "for nothing"), ErrorCode.TICKET_UNSATISFIED);
    assertDenied(ask("mallory", ASKED, "for INC-1"), ErrorCode.CLOUD_DENIED);
    assertDenied(ask("trudy", ASKED, "for INC-1"), ErrorCode.CLOUD_UNAVAILABLE);
  }

  @Test
  void asksForManyAtOnceAndHoldsNobodyElseUp() throws Exception {
    answers = new CountDownLatch(1);
    List<RequestSubmitted> slow = new ArrayList<>();
    for (int i = 0; i < MANY; i++) {
      slow.add(ask("person-" + i, ASKED, "for INC-1"));
    }
    await().atMost(Duration.ofSeconds(60)).until(() -> waiting.get() == MANY);
    // Each partition of the topic has some that wait; these are after them.
    for (int i = 0; i < 20; i++) {
      assertGranted(ask("alice-" + i, PLAIN, "now"));
    }
    answers.countDown();
    for (RequestSubmitted each : slow) {
      assertGranted(each);
    }
    assertThat(waiting).hasValue(MANY);
  }
}
