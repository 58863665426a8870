package io.postern.request.domain;

import java.time.Instant;
import java.util.UUID;

/**
 * Somebody opened a link of a person's, and so was seen to come from an address.
 *
 * @param link that was opened; each is opened once
 * @param owner whose link it is
 * @param address from which it was opened
 */
public record AddressProof(UUID link, Owner owner, String address, Instant at) {}
