package io.postern.audit.domain;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;

/**
 * The checkpoints of one partition that join to a chain, from the first that is held.
 *
 * @param stretches without a hole, in order
 * @param broken what ended the chain before all checkpoints were in it
 */
public record Proof(Place place, List<Stretch> stretches, Optional<Finding> broken) {
  private static final byte[] NO_DIGEST = {};

  public Proof {
    stretches = List.copyOf(stretches);
  }

  /** Joins checkpoints, given in any order; the same one twice counts once. */
  public static Proof join(Place place, List<Stretch> checkpoints, Digests with) {
    List<Stretch> sorted = new ArrayList<>(checkpoints);
    sorted.sort(Comparator.comparingLong(Stretch::fromOffset));
    List<Stretch> joined = new ArrayList<>();
    for (Stretch next : sorted) {
      Stretch last = joined.isEmpty() ? null : joined.get(joined.size() - 1);
      if (last != null && next.sameAs(last)) {
        continue;
      }
      String wrong = wrong(last, next, with);
      if (!wrong.isEmpty()) {
        long from = last == null ? next.fromOffset() : last.nextOffset();
        return new Proof(
            place,
            joined,
            Optional.of(new Finding(Finding.Kind.UNPROVEN, place, from, NO_DIGEST, wrong)));
      }
      joined.add(next);
    }
    return new Proof(place, joined, Optional.empty());
  }

  private static String wrong(
      @org.jspecify.annotations.Nullable Stretch last, Stretch next, Digests with) {
    if (!next.holds(with)) {
      return "the checkpoint of offsets %d to %d does not follow from its own records"
          .formatted(next.fromOffset(), next.nextOffset() - 1);
    }
    if (last == null) {
      return next.recordsBefore() == 0
              && !Arrays.equals(next.previousHash(), with.genesis(next.place()))
          ? "the first checkpoint is not of this partition"
          : "";
    }
    if (next.follows(last)) {
      return "";
    }
    return next.fromOffset() > last.nextOffset()
        ? "the checkpoint of offsets %d to %d is missing"
            .formatted(last.nextOffset(), next.fromOffset() - 1)
        : "two checkpoints say different things of offset " + next.fromOffset();
  }

  /** The same, knowing that there is a checkpoint that is none. */
  Proof refusing(String why) {
    long from = broken.map(Finding::offset).orElse(nextOffset());
    return new Proof(
        place,
        stretches,
        Optional.of(new Finding(Finding.Kind.UNPROVEN, place, from, NO_DIGEST, why)));
  }

  /** The same without the stretches that end before an offset. */
  public Proof from(long offset) {
    return new Proof(
        place, stretches.stream().filter(s -> s.nextOffset() > offset).toList(), broken);
  }

  /** Whether the chain had this hash (hex) when it was as long as to this offset. */
  boolean passes(long offset, String hex, Digests with) {
    for (Stretch stretch : stretches) {
      byte[] at = stretch.previousHash();
      for (int i = 0; i < stretch.offsets().length; i++) {
        at = with.link(at, stretch.offsets()[i], stretch.digests(), i * Digests.BYTES);
        if (stretch.offsets()[i] + 1 == offset) {
          return HexFormat.of().formatHex(at).equalsIgnoreCase(hex);
        }
      }
    }
    // What a witness saw may lie before what is held.
    return offset <= fromOffset() && !stretches.isEmpty();
  }

  /** Where it begins; 0 without a checkpoint. */
  public long fromOffset() {
    return stretches.isEmpty() ? 0 : stretches.get(0).fromOffset();
  }

  /** Where it ends; 0 without a checkpoint. */
  public long nextOffset() {
    return stretches.isEmpty() ? 0 : stretches.get(stretches.size() - 1).nextOffset();
  }

  /** Records that the chain has folded in before the first checkpoint that is held. */
  public long recordsBefore() {
    return stretches.isEmpty() ? 0 : stretches.get(0).recordsBefore();
  }
}
