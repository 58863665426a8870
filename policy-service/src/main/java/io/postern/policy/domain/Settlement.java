package io.postern.policy.domain;

import io.postern.model.RequestId;
import java.time.Instant;

/**
 * What became of an all-or-nothing request.
 *
 * @param granted whether all its machines are granted; otherwise none is
 * @param at when; the grants begin then
 * @param reason why not; empty when they are
 */
public record Settlement(RequestId request, boolean granted, Instant at, String reason) {}
