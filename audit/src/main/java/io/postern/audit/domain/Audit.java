package io.postern.audit.domain;

import io.postern.audit.domain.Finding.Kind;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.function.Consumer;

/** Verifies a whole copy. */
public final class Audit {
  private final Digests with = new Digests();
  private final Verifier verifier = new Verifier(with);
  private final Instant now;
  private final Duration retention;
  private final Map<Place, Witness> witnesses;

  /**
   * The word of somebody else who noted how far a chain was once.
   *
   * @param hash hex
   */
  public record Witness(Place place, long nextOffset, String hash) {}

  /**
   * @param now against which age is held
   * @param retention a record that is younger may not be gone from the head of a partition
   * @param witnesses what was noted earlier; a chain that has never been there was cut off or
   *     replaced
   */
  public Audit(Instant now, Duration retention, Map<Place, Witness> witnesses) {
    this.now = now;
    this.retention = retention;
    this.witnesses = Map.copyOf(witnesses);
  }

  /**
   * @param each told of each partition as soon as it is through, before moves across partitions are
   *     known
   */
  public List<Verdict> verify(Copy copy, Consumer<Verdict> each) {
    Copy.Held held = copy.checkpoints();
    TreeSet<Place> places = new TreeSet<>(copy.places());
    places.addAll(held.stretches().keySet());
    places.addAll(held.refused().keySet());
    places.addAll(witnesses.keySet());
    List<Verdict> verdicts = new ArrayList<>();
    for (Place place : places) {
      Verdict verdict = verify(copy, place, held);
      each.accept(verdict);
      verdicts.add(verdict);
    }
    return Verdict.acrossPartitions(verdicts);
  }

  private Verdict verify(Copy copy, Place place, Copy.Held held) {
    Proof joined = Proof.join(place, held.stretches().getOrDefault(place, List.of()), with);
    String refused = held.refused().get(place);
    Proof all = refused == null ? joined : joined.refusing(refused);
    long start = copy.start(place);
    Proof proof = all.from(start);
    Iterator<LogRecord> records = copy.records(place, Math.max(start, proof.fromOffset()));
    Verdict verdict = verifier.verify(proof, records, start, copy.end());
    return goneTooEarly(all, start)
        .or(() -> unwitnessed(all))
        .map(f -> verdict.finding().isEmpty() ? verdict.with(f) : verdict)
        .orElse(verdict);
  }

  private Optional<Finding> goneTooEarly(Proof proof, long start) {
    for (Stretch stretch : proof.stretches()) {
      if (stretch.fromOffset() >= start) {
        break;
      }
      if (stretch.offsets()[0] < start && stretch.checkedAt().isAfter(now.minus(retention))) {
        return Optional.of(
            new Finding(
                Kind.DROPPED,
                proof.place(),
                stretch.offsets()[0],
                stretch.digest(0),
                "the log begins at offset %d; this was checked at %s and is to be kept for %s"
                    .formatted(start, stretch.checkedAt(), retention)));
      }
    }
    return Optional.empty();
  }

  private Optional<Finding> unwitnessed(Proof proof) {
    Witness witness = witnesses.get(proof.place());
    if (witness == null || proof.passes(witness.nextOffset(), witness.hash(), with)) {
      return Optional.empty();
    }
    return Optional.of(
        new Finding(
            Kind.UNPROVEN,
            proof.place(),
            witness.nextOffset() - 1,
            new byte[0],
            "a witness saw the chain at offset %d with another hash, or the chain does not reach so far"
                .formatted(witness.nextOffset())));
  }
}
