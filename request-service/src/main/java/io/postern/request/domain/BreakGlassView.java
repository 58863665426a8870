package io.postern.request.domain;

import java.time.Instant;
import java.util.Optional;

/**
 * A use of break-glass.
 *
 * @param reviewedBy who looked into it; empty while nobody has
 */
public record BreakGlassView(
    String policy, String justification, Instant usedAt, Optional<String> reviewedBy) {}
