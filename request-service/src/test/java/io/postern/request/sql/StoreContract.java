package io.postern.request.sql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.postern.model.GrantId;
import io.postern.model.MachineId;
import io.postern.model.RequestId;
import io.postern.model.Requestor;
import io.postern.request.domain.Denial;
import io.postern.request.domain.Fact;
import io.postern.request.domain.GrantState;
import io.postern.request.domain.GrantView;
import io.postern.request.domain.Histories;
import io.postern.request.domain.InvalidCursorException;
import io.postern.request.domain.LockdownView;
import io.postern.request.domain.Owner;
import io.postern.request.domain.Page;
import io.postern.request.domain.ReadModel;
import io.postern.request.domain.ReadModelWriter;
import io.postern.request.domain.RecordedEvent;
import io.postern.request.domain.RequestState;
import io.postern.request.domain.RequestView;
import io.postern.request.domain.Update;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.jdbc.core.JdbcTemplate;

/** What every store must do; run on each database that the read model may live in. */
abstract class StoreContract extends ListContract {
  private static final MachineId MACHINE =
      new MachineId("arn:aws:ec2:eu-west-1:123456789012:instance/i-0abc1234def567890");
  private static final MachineId OTHER =
      new MachineId("arn:aws:ec2:eu-west-1:123456789012:instance/i-0abc1234def567891");
  private static final Instant T = Instant.parse("2026-03-01T12:00:00Z");
  private static final ReadModelWriter.Place PLACE = new ReadModelWriter.Place("t", 0);
  private static final Map<ReadModelWriter.Place, Long> ENDS = Map.of(PLACE, 1_000_000L);
  private static final ReadModel.Reader ADMIN =
      new ReadModel.Reader(new Requestor("root", "idp", Set.of("admins")), true);

  private SqlStore store;
  private ReadModel model;
  private long offset;

  @BeforeEach
  void begin() {
    store = SqlStore.in(source(), true);
    model = store.reader();
    offset = 0;
    assertThat(store.writer().prepare("log", ENDS)).isEqualTo(Map.of(PLACE, 0L));
  }

  private static ReadModel.Reader reader(String subject, String... groups) {
    return new ReadModel.Reader(new Requestor(subject, "idp", Set.of(groups)), false);
  }

  private Update update(Fact... facts) {
    return new Update("t", 0, offset++, T.plusSeconds(offset), List.of(facts), Optional.empty());
  }

  private Update event(String id, Optional<RequestId> request, List<MachineId> machines) {
    long at = offset++;
    return new Update(
        "t",
        0,
        at,
        T.plusSeconds(at),
        List.of(),
        Optional.of(
            new RecordedEvent(
                id,
                "Something",
                T.plusSeconds(at),
                request,
                Optional.empty(),
                machines,
                Optional.of("alice"),
                "something happened",
                "{}")));
  }

  private static Fact submitted(RequestId id, String subject, Instant at, MachineId... machines) {
    return new Fact.Submitted(
        id, new Owner(subject, "idp"), List.of(machines), Optional.empty(), at);
  }

  private static RequestId id(long n) {
    return new RequestId(new UUID(7, n));
  }

  @Test
  void tellsTheSameAsTheFoldInMemoryWhateverTheBatches() {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    List<Fact> all = new ArrayList<>();
    Map<RequestId, List<Fact>> of = new HashMap<>();
    for (int i = 0; i < 60; i++) {
      List<Fact> life =
          Histories.disturbed(random, Histories.some(random, Histories.all(id(i), MACHINE, T)));
      of.put(id(i), life);
      all.addAll(life);
    }
    List<Fact> mixed = Histories.disturbed(random, all);
    int from = 0;
    while (from < mixed.size()) {
      int to = Math.min(mixed.size(), from + 1 + random.nextInt(20));
      store.writer().apply(mixed.subList(from, to).stream().map(this::update).toList());
      from = to;
    }
    of.forEach(
        (id, life) ->
            assertThat(model.request(id)).as("seed %d, %s", seed, id).isEqualTo(fold(id, life)));
  }

  @Test
  void aRecordThatComesAgainCountsOnceAlsoFromAnotherInstance() {
    Update first = update(submitted(id(1), "alice", T, MACHINE));
    Update second = event("e1", Optional.of(id(1)), List.of(MACHINE));
    store.writer().apply(List.of(first, second));
    SqlStore sibling = SqlStore.in(source(), false);
    assertThat(sibling.writer().prepare("log", ENDS)).isEqualTo(Map.of(PLACE, 2L));
    sibling.writer().apply(List.of(first, second, update(submitted(id(2), "alice", T, MACHINE))));
    store.writer().apply(List.of(first, second));
    assertThat(model.requests(ADMIN, ReadModel.RequestFilter.ALL, ReadModel.Part.first(9)).items())
        .hasSize(2);
    assertThat(model.events(ADMIN, ReadModel.EventFilter.ALL, ReadModel.Part.first(9)).items())
        .hasSize(1);
    assertThat(model.lastPosition()).isEqualTo(1);
  }

  @Test
  void aBatchThatCannotBeTakenInLeavesNothing() {
    Update good = update(submitted(id(1), "alice", T, MACHINE));
    Update tooLong = event("x".repeat(1_000), Optional.empty(), List.of());
    assertThatThrownBy(() -> store.writer().apply(List.of(good, tooLong)))
        .hasMessageContaining("takes nothing");
    assertThat(model.request(id(1))).isEmpty();
    assertThat(SqlStore.in(source(), false).writer().prepare("log", ENDS))
        .isEqualTo(Map.of(PLACE, 0L));
  }

  @Test
  void isBuiltAnewForAnotherLogForALogThatWasCutAndWhenTablesAreGone() {
    store.writer().apply(List.of(update(submitted(id(1), "alice", T, MACHINE))));
    String generation = model.generation();
    SqlStore again = SqlStore.in(source(), false);
    assertThat(again.writer().prepare("log", ENDS)).isEqualTo(Map.of(PLACE, 1L));
    assertThat(model.generation()).isEqualTo(generation);
    assertThat(again.writer().prepare("another", ENDS)).isEqualTo(Map.of(PLACE, 0L));
    assertThat(model.request(id(1))).isEmpty();
    assertThat(model.generation()).isNotEqualTo(generation);
    offset = 5;
    again.writer().apply(List.of(update(submitted(id(1), "alice", T, MACHINE))));
    assertThat(again.writer().prepare("another", Map.of(PLACE, 2L))).isEqualTo(Map.of(PLACE, 0L));
    new JdbcTemplate(source()).execute("drop table request_machine");
    assertThatThrownBy(
            () -> again.writer().apply(List.of(update(submitted(id(1), "alice", T, MACHINE)))))
        .hasMessageContaining("takes nothing");
    assertThat(again.writer().prepare("another", ENDS)).isEqualTo(Map.of(PLACE, 0L));
    offset = 0;
    again.writer().apply(List.of(update(submitted(id(1), "alice", T, MACHINE))));
    assertThat(model.request(id(1))).isPresent();
  }

  /** As embedded databases have been seen after a kill. */
  @Test
  void whatADatabaseHasKeptOfATransactionThatItLostHasItBuiltAnewOnce() {
    Update first = event("e1", Optional.of(id(1)), List.of(MACHINE));
    Update second = event("e2", Optional.of(id(1)), List.of(MACHINE));
    store.writer().apply(List.of(first));
    keepOneTooMany();
    assertThatThrownBy(() -> store.writer().apply(List.of(second)))
        .hasMessageContaining("contradicts itself");
    assertThat(store.writer().prepare("log", ENDS)).isEqualTo(Map.of(PLACE, 0L));
    store.writer().apply(List.of(first, second));
    assertThat(model.events(ADMIN, ReadModel.EventFilter.ALL, ReadModel.Part.first(9)).items())
        .hasSize(2);
    // Again, and it is left for somebody to look at.
    Update third = event("e3", Optional.of(id(1)), List.of(MACHINE));
    keepOneTooMany();
    assertThatThrownBy(() -> store.writer().apply(List.of(third)))
        .hasMessageContaining("contradicts itself");
    assertThat(store.writer().prepare("log", ENDS)).isEqualTo(Map.of(PLACE, 2L));
  }

  private void keepOneTooMany() {
    new JdbcTemplate(source())
        .update(
            "insert into event (position, topic, event_id, type, at, sentence, doc)"
                + " select next_position, 'lost', 'lost', 'lost', 1, '', '' from projection");
  }

  @Test
  void aPersonSeesHisOwnAndWhatIsForHimToApprove() {
    store
        .writer()
        .apply(
            List.of(
                update(submitted(id(1), "alice", T, MACHINE)),
                update(submitted(id(2), "bob", T, MACHINE)),
                update(
                    new Fact.Asked(
                        id(1), new Owner("alice", "idp"), Histories.approval(MACHINE, T, 1))),
                event("e1", Optional.of(id(1)), List.of(MACHINE)),
                event("e2", Optional.of(id(2)), List.of(MACHINE)),
                event("e3", Optional.empty(), List.of(MACHINE))));
    assertThat(seen(reader("alice"))).containsExactly(id(1));
    assertThat(seen(reader("bob"))).containsExactly(id(2));
    assertThat(seen(reader("bob", "leads"))).containsExactlyInAnyOrder(id(1), id(2));
    assertThat(seen(reader("eve", "sre"))).isEmpty();
    assertThat(seen(ADMIN)).hasSize(2);
    assertThat(seen(new ReadModel.Reader(new Requestor("alice", "elsewhere", Set.of()), false)))
        .as("the same name at another issuer")
        .isEmpty();
    assertThat(events(reader("alice"))).containsExactly("e3", "e1");
    assertThat(events(reader("eve"))).containsExactly("e3");
    assertThat(events(ADMIN)).containsExactly("e3", "e2", "e1");
  }

  private List<RequestId> seen(ReadModel.Reader reader) {
    return model
        .requests(reader, ReadModel.RequestFilter.ALL, ReadModel.Part.first(10))
        .items()
        .stream()
        .map(RequestView::id)
        .toList();
  }

  private List<String> events(ReadModel.Reader reader) {
    return model
        .events(reader, ReadModel.EventFilter.ALL, ReadModel.Part.first(10))
        .items()
        .stream()
        .map(RecordedEvent::id)
        .toList();
  }

  @Test
  void aWishThatNamesItsGrantOnlyIsShownToWhomTheGrantIs() {
    GrantId grant = GrantId.of(id(1), MACHINE);
    List<Fact> life = Histories.all(id(1), MACHINE, T);
    RecordedEvent wish =
        new RecordedEvent(
            "w",
            "RevocationRequested",
            T,
            Optional.empty(),
            Optional.of(grant),
            List.of(MACHINE),
            Optional.of("alice"),
            "alice asked for its end",
            "{}");
    store
        .writer()
        .apply(
            List.of(
                update(life.toArray(Fact[]::new)),
                new Update("t", 0, offset++, T, List.of(), Optional.of(wish))));
    assertThat(events(reader("alice"))).containsExactly("w");
    assertThat(events(reader("eve"))).isEmpty();
    assertThat(model.events(ADMIN, ReadModel.EventFilter.ALL, ReadModel.Part.first(1)).items())
        .first()
        .satisfies(e -> assertThat(e.request()).contains(id(1)))
        .satisfies(e -> assertThat(e.machines()).containsExactly(MACHINE));
  }

  @Test
  void pagesGoOnWhereTheyStoppedWhileNewOnesCome() {
    for (int i = 0; i < 25; i++) {
      // Several at the same moment, so that the id has to decide.
      store
          .writer()
          .apply(
              List.of(
                  update(submitted(id(i), "alice", T.plusSeconds(i / 4), MACHINE)),
                  event("e" + i, Optional.of(id(i)), List.of())));
    }
    List<RequestId> all = new ArrayList<>();
    Optional<String> cursor = Optional.empty();
    int pages = 0;
    do {
      Page<RequestView> page =
          model.requests(
              reader("alice"), ReadModel.RequestFilter.ALL, new ReadModel.Part(cursor, 10));
      page.items().forEach(r -> all.add(r.id()));
      cursor = page.next();
      store
          .writer()
          .apply(List.of(update(submitted(id(100 + pages), "alice", T.plusSeconds(99), MACHINE))));
      pages++;
    } while (cursor.isPresent());
    assertThat(pages).isEqualTo(3);
    assertThat(all).hasSize(25).doesNotHaveDuplicates();
    assertThatThrownBy(
            () ->
                model.requests(
                    ADMIN,
                    ReadModel.RequestFilter.ALL,
                    new ReadModel.Part(Optional.of("' or 1=1"), 10)))
        .isInstanceOf(InvalidCursorException.class);
    assertThatThrownBy(
            () ->
                model.events(
                    ADMIN, ReadModel.EventFilter.ALL, new ReadModel.Part(Optional.of("-1"), 10)))
        .isInstanceOf(InvalidCursorException.class);
    assertThat(model.eventsAfter(ADMIN, ReadModel.EventFilter.ALL, 20, 100))
        .extracting(p -> p.event().id())
        .containsExactly("e20", "e21", "e22", "e23", "e24");
    assertThat(model.positionBefore(Instant.EPOCH)).isZero();
    assertThat(model.positionBefore(T.plus(Duration.ofDays(1)))).isEqualTo(25);
  }

  @Test
  void filtersByStateMachinePersonAndPolicy() {
    store
        .writer()
        .apply(
            List.of(
                update(submitted(id(1), "alice", T, MACHINE)),
                update(submitted(id(2), "bob", T, OTHER, MACHINE)),
                update(
                    new Fact.Denied(
                        id(1),
                        new Owner("alice", "idp"),
                        MACHINE,
                        List.of(new Denial(MACHINE, "NOT_ENTITLED", "no")))),
                update(Histories.all(id(3), OTHER, T).subList(0, 5).toArray(Fact[]::new))));
    ReadModel.RequestFilter all = ReadModel.RequestFilter.ALL;
    assertThat(ids(all.inState(RequestState.DENIED))).containsExactly(id(1));
    assertThat(ids(all.inState(RequestState.GRANTED))).containsExactly(id(3));
    assertThat(
            ids(
                new ReadModel.RequestFilter(
                    Optional.of("bob"), Optional.empty(), Optional.empty(), Set.of())))
        .containsExactly(id(2));
    assertThat(
            ids(
                new ReadModel.RequestFilter(
                    Optional.empty(), Optional.of(OTHER), Optional.empty(), Set.of())))
        .containsExactlyInAnyOrder(id(2), id(3));
    assertThat(
            ids(
                new ReadModel.RequestFilter(
                    Optional.empty(), Optional.empty(), Optional.empty(), Set.of("web"))))
        .containsExactly(id(3));
    assertThat(grants(Set.of(GrantState.SCHEDULED), T.minusSeconds(1))).hasSize(1);
    assertThat(grants(Set.of(GrantState.SCHEDULED), T)).isEmpty();
    assertThat(grants(Set.of(GrantState.OPENING, GrantState.OPEN), T)).hasSize(1);
    assertThat(grants(Set.of(GrantState.OPEN), T)).isEmpty();
    store.writer().apply(List.of(update(Histories.all(id(3), OTHER, T).get(5))));
    assertThat(grants(Set.of(GrantState.OPEN), T)).hasSize(1);
  }

  private List<RequestId> ids(ReadModel.RequestFilter filter) {
    return model.requests(ADMIN, filter, ReadModel.Part.first(10)).items().stream()
        .map(RequestView::id)
        .toList();
  }

  private List<GrantView> grants(Set<GrantState> states, Instant now) {
    return model
        .grants(ADMIN, ReadModel.GrantFilter.ALL.in(states), now, ReadModel.Part.first(10))
        .items();
  }

  @Test
  void keepsLockdownsAndUsesOfBreakGlass() {
    GrantId grant = GrantId.of(id(1), MACHINE);
    LockdownView locked = new LockdownView(List.of("web"), List.of("22/TCP"), List.of(), "", T);
    List<Fact> life = Histories.all(id(1), MACHINE, T);
    store.writer().apply(List.of(update(new Fact.LockedDown(MACHINE, locked))));
    // Reviewed before it is known that it was used.
    store.writer().apply(List.of(update(life.getLast())));
    assertThat(model.breakGlass(grant)).isEmpty();
    store.writer().apply(List.of(update(life.toArray(Fact[]::new))));
    assertThat(model.lockdown(MACHINE)).contains(locked);
    assertThat(model.breakGlass(grant).flatMap(b -> b.reviewedBy())).contains("carol");
    ReadModel.Part first = ReadModel.Part.first(10);
    assertThat(model.breakGlassUses(Optional.empty(), Optional.of(true), first).items()).hasSize(1);
    assertThat(model.breakGlassUses(Optional.empty(), Optional.of(false), first).items()).isEmpty();
    assertThat(model.breakGlassUses(Optional.of(Set.of("db")), Optional.empty(), first).items())
        .isEmpty();
    store.writer().apply(List.of(update(new Fact.Lifted(MACHINE))));
    assertThat(model.lockdown(MACHINE)).isEmpty();
  }

  @Test
  void whatWasAcceptedHereIsThereBeforeItIsReadBack() {
    Fact.Submitted own = (Fact.Submitted) submitted(id(1), "alice", T, MACHINE);
    store.writer().accepted(own);
    assertThat(model.request(id(1)).map(RequestView::machines)).contains(List.of(MACHINE));
    assertThat(seen(reader("alice"))).containsExactly(id(1));
    assertThat(seen(reader("bob"))).isEmpty();
    store.writer().apply(List.of(update(own)));
    assertThat(seen(reader("alice"))).containsExactly(id(1));
    store.writer().accepted(own);
    assertThat(seen(reader("alice"))).as("read back before it was told").containsExactly(id(1));
  }
}
