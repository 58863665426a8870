package io.postern.request.sql;

import static org.assertj.core.api.Assertions.assertThat;

import io.postern.model.ApprovalLevel;
import io.postern.model.Cidr;
import io.postern.model.GrantId;
import io.postern.model.MachineId;
import io.postern.model.PortSpec;
import io.postern.model.RequestId;
import io.postern.model.Requestor;
import io.postern.model.Subject;
import io.postern.request.domain.ApprovalView;
import io.postern.request.domain.Fact;
import io.postern.request.domain.GrantView;
import io.postern.request.domain.Histories;
import io.postern.request.domain.Owner;
import io.postern.request.domain.Page;
import io.postern.request.domain.ReadModel;
import io.postern.request.domain.ReadModelWriter;
import io.postern.request.domain.RecordedEvent;
import io.postern.request.domain.RequestFacts;
import io.postern.request.domain.RequestState;
import io.postern.request.domain.RequestView;
import io.postern.request.domain.Update;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import javax.sql.DataSource;
import org.junit.jupiter.api.Test;

/** What lists of every store must hold: the same as a look at everything would. */
abstract class ListContract {
  private static final Instant T = Instant.parse("2026-03-01T12:00:00Z");
  private static final ReadModelWriter.Place PLACE = new ReadModelWriter.Place("lists", 0);
  private static final List<MachineId> MACHINES =
      IntStream.range(0, 3)
          .mapToObj(i -> "arn:aws:ec2:eu-west-1:123456789012:instance/i-0abc1234def56789" + i)
          .map(MachineId::new)
          .toList();
  private static final List<String> PEOPLE = List.of("alice", "bob", "carol");
  private static final List<String> GROUPS = List.of("leads", "ops", "sre");

  abstract DataSource source();

  /** A request and the facts about it. */
  private record Life(RequestId id, List<Fact> facts) {
    RequestView view() {
      return fold(id, facts).orElseThrow();
    }
  }

  static Optional<RequestView> fold(RequestId id, List<Fact> life) {
    RequestFacts facts = RequestFacts.unknown(id);
    Optional<GrantView> grant = Optional.empty();
    for (Fact fact : life) {
      if (fact instanceof Fact.OfRequest f) {
        facts = facts.with(f);
      }
      if (fact instanceof Fact.GrantChanged g) {
        grant = Optional.of(g.applyTo(grant));
      }
    }
    return facts.isKnown() ? Optional.of(facts.view(grant.stream().toList())) : Optional.empty();
  }

  private static <T> T any(Random random, List<T> of) {
    return of.get(random.nextInt(of.size()));
  }

  private static Life life(Random random) {
    // Negative halves too: databases compare ids as bytes.
    RequestId id = new RequestId(new UUID(random.nextLong(), random.nextLong()));
    MachineId machine = any(random, MACHINES);
    Owner owner = new Owner(any(random, PEOPLE), "idp");
    List<Fact> facts = new ArrayList<>();
    // Several at the same moment.
    Instant at = T.plusSeconds(random.nextInt(15));
    facts.add(new Fact.Submitted(id, owner, List.of(machine), Optional.empty(), at));
    if (random.nextInt(3) > 0) {
      facts.add(new Fact.Asked(id, owner, approval(random, owner, machine, at)));
    }
    if (random.nextInt(3) == 0) {
      facts.add(
          Fact.granted(
              id,
              GrantId.of(id, machine),
              machine,
              new GrantView.Given(
                  owner,
                  List.of(PortSpec.tcp(22)),
                  List.of(Cidr.parse("203.0.113.7")),
                  at,
                  at,
                  at.plusSeconds(60),
                  any(random, List.of("web", "db")),
                  List.of())));
    }
    return new Life(id, facts);
  }

  private static ApprovalView approval(
      Random random, Owner owner, MachineId machine, Instant askedAt) {
    return new ApprovalView(
        machine,
        owner.subject(),
        List.of(PortSpec.tcp(22)),
        List.of(Cidr.parse("203.0.113.7")),
        Duration.ofMinutes(15),
        "web",
        "digest",
        1,
        List.of(
            new ApprovalLevel(false, Set.of(any(random, GROUPS)), Set.of(anySubject(random)), 1),
            new ApprovalLevel(false, Set.of(any(random, GROUPS)), Set.of(), 1)),
        List.of(),
        askedAt.plusSeconds(60),
        askedAt);
  }

  private static Subject anySubject(Random random) {
    String name = any(random, PEOPLE);
    return switch (random.nextInt(3)) {
      case 0 -> Subject.plain(name);
      case 1 -> Subject.of("idp", name);
      default -> Subject.of("another issuer", name);
    };
  }

  private static boolean sees(ReadModel.Reader reader, RequestView request) {
    Requestor me = reader.person();
    return reader.everything()
        || request.owner().is(me)
        || (!request.requestor().equals(me.subject())
            && request.approvals().stream()
                .flatMap(a -> a.levels().stream())
                .anyMatch(
                    l ->
                        l.subjects().stream().anyMatch(s -> s.matches(me))
                            || l.groups().stream().anyMatch(me.groups()::contains)));
  }

  private static boolean fits(ReadModel.RequestFilter filter, RequestView request) {
    return filter.requestor().filter(w -> !w.equals(request.requestor())).isEmpty()
        && filter.machine().filter(m -> !request.machines().contains(m)).isEmpty()
        && filter.state().filter(s -> s != request.state()).isEmpty()
        && (filter.grantedUnder().isEmpty()
            || request.grants().stream()
                .flatMap(g -> g.given().stream())
                .anyMatch(g -> filter.grantedUnder().contains(g.policy())));
  }

  private static List<RequestId> slowly(
      List<Life> all, ReadModel.Reader reader, ReadModel.RequestFilter filter) {
    return all.stream()
        .map(Life::view)
        .filter(r -> sees(reader, r) && fits(filter, r))
        .sorted(
            Comparator.comparing((RequestView r) -> r.submittedAt().orElseThrow())
                .thenComparing(r -> r.id().toString())
                .reversed())
        .map(RequestView::id)
        .toList();
  }

  private static List<RequestId> pages(
      ReadModel model, ReadModel.Reader reader, ReadModel.RequestFilter filter) {
    List<RequestId> all = new ArrayList<>();
    Optional<String> cursor = Optional.empty();
    do {
      Page<RequestView> page = model.requests(reader, filter, new ReadModel.Part(cursor, 7));
      page.items().forEach(r -> all.add(r.id()));
      cursor = page.next();
    } while (cursor.isPresent());
    return all;
  }

  private static ReadModel.Reader reader(boolean everything, String subject, String... groups) {
    return new ReadModel.Reader(new Requestor(subject, "idp", Set.of(groups)), everything);
  }

  @Test
  void listsOfRequestsShowWhatALookAtEverythingWould() {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    List<Life> all = Stream.generate(() -> life(random)).limit(80).toList();
    List<Fact> mixed =
        Histories.disturbed(random, all.stream().flatMap(l -> l.facts().stream()).toList());
    SqlStore store = SqlStore.in(source(), true);
    store.writer().prepare("log", Map.of(PLACE, 1_000_000L));
    for (int from = 0; from < mixed.size(); ) {
      int to = Math.min(mixed.size(), from + 1 + random.nextInt(20));
      List<Update> batch = new ArrayList<>();
      for (int i = from; i < to; i++) {
        batch.add(
            new Update(
                PLACE.topic(), 0, i, T.plusSeconds(i), List.of(mixed.get(i)), Optional.empty()));
      }
      store.writer().apply(batch);
      from = to;
    }
    List<Optional<String>> whose = List.of(Optional.empty(), Optional.of("alice"));
    List<Optional<MachineId>> where = List.of(Optional.empty(), Optional.of(MACHINES.get(1)));
    List<Optional<RequestState>> states =
        List.of(
            Optional.empty(),
            Optional.of(RequestState.GRANTED),
            Optional.of(RequestState.PENDING_APPROVAL));
    for (ReadModel.Reader reader :
        List.of(
            reader(true, "root"),
            reader(false, "alice"),
            reader(false, "alice", "leads", "ops"),
            reader(false, "eve", "leads"),
            reader(false, "eve"))) {
      for (Optional<String> requestor : whose) {
        for (Optional<MachineId> machine : where) {
          for (Optional<RequestState> state : states) {
            for (Set<String> policies : List.of(Set.<String>of(), Set.of("web"))) {
              ReadModel.RequestFilter filter =
                  new ReadModel.RequestFilter(requestor, machine, state, policies);
              assertThat(pages(store.reader(), reader, filter))
                  .as("seed %d, %s, %s", seed, reader, filter)
                  .isEqualTo(slowly(all, reader, filter));
            }
          }
        }
      }
    }
  }

  @Test
  void theRecordOfAMachineIsItsOwnInTheOrderOfTheRecord() {
    SqlStore store = SqlStore.in(source(), true);
    store.writer().prepare("log", Map.of(PLACE, 1_000_000L));
    List<Update> updates = new ArrayList<>();
    for (int i = 0; i < 30; i++) {
      RecordedEvent event =
          new RecordedEvent(
              "e" + i,
              "Something",
              T.plusSeconds(i),
              Optional.empty(),
              Optional.empty(),
              List.of(MACHINES.get(i % 3), MACHINES.get((i + 1) % 3)),
              Optional.empty(),
              "something happened",
              "{}");
      updates.add(new Update(PLACE.topic(), 0, i, T.plusSeconds(i), List.of(), Optional.of(event)));
    }
    store.writer().apply(updates);
    List<String> expected =
        IntStream.range(0, 30).filter(i -> i % 3 != 1).mapToObj(i -> "e" + i).toList();
    ReadModel.EventFilter filter =
        new ReadModel.EventFilter(
            Optional.empty(),
            Optional.of(MACHINES.get(0)),
            Optional.empty(),
            Optional.empty(),
            Optional.empty());
    ReadModel.Reader reader = reader(false, "eve");
    List<String> paged = new ArrayList<>();
    Optional<String> cursor = Optional.empty();
    do {
      Page<RecordedEvent> page =
          store.reader().events(reader, filter, new ReadModel.Part(cursor, 7));
      page.items().forEach(e -> paged.add(e.id()));
      page.items().forEach(e -> assertThat(e.machines()).hasSize(2));
      cursor = page.next();
    } while (cursor.isPresent());
    assertThat(paged).isEqualTo(expected.reversed());
    assertThat(store.reader().eventsAfter(reader, filter, 4, 100))
        .extracting(p -> p.event().id())
        .isEqualTo(expected.subList(3, expected.size()));
  }
}
