package io.postern.policy.kafka;

import io.postern.event.ApprovalRequested;
import io.postern.event.PartSettled;
import io.postern.event.PartVoted;
import io.postern.log.AvroFraming;
import io.postern.log.PoisonException;
import io.postern.log.Topics;
import io.postern.model.GrantId;
import io.postern.model.MachineId;
import io.postern.model.RequestId;
import io.postern.policy.domain.Ballot;
import io.postern.policy.domain.Held;
import io.postern.policy.domain.Settlement;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.serialization.StringSerializer;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;

/** What is remembered of all-or-nothing requests: by their machines, and where they are counted. */
final class TogetherStore {
  private static final String VOTE = "vote|";
  private static final String WITHDRAWN = "by|";
  private static final String TALLY = "tally|";
  private static final String SETTLED = "settled|";

  private final AvroFraming framing;
  private final KeyValueStore<String, byte[]> held;
  private final KeyValueStore<String, byte[]> rest;
  // The ballots that are being counted, as the store holds them: looked through every second.
  private final Map<RequestId, Map<MachineId, Ballot>> tallies = new HashMap<>();

  TogetherStore(
      AvroFraming framing, KeyValueStore<String, byte[]> held, KeyValueStore<String, byte[]> rest) {
    this.framing = framing;
    this.held = held;
    this.rest = rest;
    forEach(TALLY, this::remember);
  }

  private void remember(byte[] tallied) {
    Ballot ballot = toBallot(tallied);
    tallies.computeIfAbsent(ballot.request(), r -> new HashMap<>()).put(ballot.machine(), ballot);
  }

  private static String key(MachineId machine, GrantId id) {
    return machine + "|" + id;
  }

  Optional<Held> held(MachineId machine, GrantId id) {
    return Optional.ofNullable(held.get(key(machine, id))).map(this::toHeld);
  }

  Optional<String> withdrawnBy(MachineId machine, GrantId id) {
    return Optional.ofNullable(rest.get(WITHDRAWN + key(machine, id)))
        .map(b -> new String(b, StandardCharsets.UTF_8));
  }

  Optional<Ballot> ballot(MachineId machine, GrantId id) {
    return Optional.ofNullable(rest.get(VOTE + key(machine, id))).map(this::toBallot);
  }

  Map<MachineId, Ballot> ballots(RequestId request) {
    return Map.copyOf(tallies.getOrDefault(request, Map.of()));
  }

  Optional<Settlement> settlement(RequestId request) {
    return Optional.ofNullable(rest.get(SETTLED + request))
        .map(v -> TogetherEvents.toSettlement((PartSettled) decode(v)));
  }

  void put(Held h) {
    held.put(
        key(h.request().machine(), h.request().grantId()),
        framing.encode(Topics.DECISIONS.name(), TogetherEvents.toEvent(h)));
  }

  void withdrawn(Held h, String by) {
    rest.put(
        WITHDRAWN + key(h.request().machine(), h.request().grantId()),
        by.getBytes(StandardCharsets.UTF_8));
  }

  /** What the machine itself said last. */
  void voted(Ballot b) {
    GrantId id = GrantId.of(b.request(), b.machine());
    if (held.get(key(b.machine(), id)) != null) {
      rest.put(VOTE + key(b.machine(), id), encode(b));
    }
  }

  void tallied(Ballot b) {
    byte[] tallied = encode(b);
    rest.put(TALLY + b.request() + "|" + b.machine(), tallied);
    remember(tallied);
  }

  void settled(Settlement s, MachineId any) {
    ballots(s.request()).keySet().forEach(m -> rest.delete(TALLY + s.request() + "|" + m));
    tallies.remove(s.request());
    rest.put(
        SETTLED + s.request(),
        framing.encode(Topics.VETTED.name(), TogetherEvents.toEvent(s, any)));
  }

  /** The machine's part is decided; says whether it had waited for others. */
  boolean over(MachineId machine, GrantId id) {
    // Deleting what is not there would be written to the log all the same.
    if (held.get(key(machine, id)) == null) {
      return false;
    }
    held.delete(key(machine, id));
    rest.delete(VOTE + key(machine, id));
    rest.delete(WITHDRAWN + key(machine, id));
    return true;
  }

  /** The stores must not be changed before it returns. */
  void forEachHeld(Consumer<Held> consumer) {
    try (KeyValueIterator<String, byte[]> it = held.all()) {
      it.forEachRemaining(e -> consumer.accept(toHeld(e.value)));
    }
  }

  /** All ballots that are being counted. */
  List<Ballot> counting() {
    return tallies.values().stream().flatMap(all -> all.values().stream()).toList();
  }

  /** Forgets what was settled before an instant. */
  void forgetSettled(Instant before) {
    List<String> old = new ArrayList<>();
    forEach(
        SETTLED,
        v -> {
          Settlement s = TogetherEvents.toSettlement((PartSettled) decode(v));
          if (s.at().isBefore(before)) {
            old.add(SETTLED + s.request());
          }
        });
    old.forEach(rest::delete);
  }

  private void forEach(String prefix, Consumer<byte[]> consumer) {
    try (KeyValueIterator<String, byte[]> it = rest.prefixScan(prefix, new StringSerializer())) {
      it.forEachRemaining(e -> consumer.accept(e.value));
    }
  }

  private byte[] encode(Ballot b) {
    return framing.encode(Topics.VETTED.name(), TogetherEvents.toEvent(b));
  }

  private Held toHeld(byte[] value) {
    return TogetherEvents.toHeld((ApprovalRequested) decode(value));
  }

  private Ballot toBallot(byte[] value) {
    return TogetherEvents.toBallot((PartVoted) decode(value));
  }

  private SpecificRecord decode(byte[] value) {
    try {
      return framing.decode(value);
    } catch (PoisonException e) {
      throw new IllegalStateException("our own state cannot be read", e);
    }
  }
}
