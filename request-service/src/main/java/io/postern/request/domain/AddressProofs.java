package io.postern.request.domain;

import java.util.Optional;
import java.util.UUID;

/** Which links were opened, and from where. */
public interface AddressProofs {
  /**
   * Keeps a proof, and forgets those of a day before it.
   *
   * @return false when the link was opened already; then nothing is kept
   */
  boolean add(AddressProof proof);

  /** The proof of a link; empty while nobody has opened it. */
  Optional<AddressProof> of(UUID link);
}
