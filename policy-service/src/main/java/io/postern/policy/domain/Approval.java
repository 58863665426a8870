package io.postern.policy.domain;

import io.postern.model.Requestor;
import java.time.Instant;
import java.util.Optional;

/** A yes that counted. */
public record Approval(Requestor approver, Instant givenAt, Optional<String> reason) {}
