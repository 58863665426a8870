package io.postern.audit.domain;

import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;

/**
 * What a partition of a copy was found to be.
 *
 * @param proven records that are as the checkpoints say, up to the finding if there is one
 * @param before records that the chain has folded in earlier than the first checkpoint held
 * @param tail records after the last checkpoint, of which nothing is proven
 * @param nextOffset where the proof ends
 * @param hash hex of the chain there: who notes it elsewhere can later prove that nothing was cut
 *     off; empty without a checkpoint
 */
public record Verdict(
    Place place,
    long proven,
    long before,
    long tail,
    long nextOffset,
    String hash,
    Optional<Finding> finding) {

  static Verdict of(Proof proof, long proven, long tail, Optional<Finding> finding) {
    return new Verdict(
        proof.place(),
        proven,
        proof.recordsBefore(),
        tail,
        proof.nextOffset(),
        proof.stretches().isEmpty()
            ? ""
            : HexFormat.of().formatHex(proof.stretches().getLast().hash()),
        finding);
  }

  /** A record that is gone from one partition and new in another was moved; both are told so. */
  public static List<Verdict> acrossPartitions(List<Verdict> verdicts) {
    List<Verdict> told = new ArrayList<>(verdicts);
    for (int i = 0; i < told.size(); i++) {
      for (int j = 0; j < told.size(); j++) {
        Optional<Finding> gone = told.get(i).finding;
        Optional<Finding> come = told.get(j).finding;
        if (i != j
            && gone.isPresent()
            && come.isPresent()
            && gone.get().kind() == Finding.Kind.DROPPED
            && come.get().kind() == Finding.Kind.ADDED
            && gone.get().sameRecord(come.get())) {
          told.set(
              i,
              told.get(i)
                  .moved(
                      "it stands in %s as offset %d"
                          .formatted(come.get().place(), come.get().offset())));
          told.set(
              j,
              told.get(j)
                  .moved(
                      "it is the record of %s offset %d"
                          .formatted(gone.get().place(), gone.get().offset())));
        }
      }
    }
    return told;
  }

  private Verdict moved(String detail) {
    return finding
        .map(f -> with(new Finding(Finding.Kind.MOVED, f.place(), f.offset(), f.digest(), detail)))
        .orElse(this);
  }

  Verdict with(Finding found) {
    return new Verdict(place, proven, before, tail, nextOffset, hash, Optional.of(found));
  }
}
