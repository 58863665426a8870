package io.postern.request.domain;

import java.time.Instant;
import java.util.List;

/**
 * A machine's lock-down as its enforcer told it last.
 *
 * @param bypassedBy rules by which a port is reachable all the same, each in a sentence
 * @param problem why it is not locked down; empty when it is
 */
public record LockdownView(
    List<String> policies,
    List<String> ports,
    List<String> bypassedBy,
    String problem,
    Instant at) {}
