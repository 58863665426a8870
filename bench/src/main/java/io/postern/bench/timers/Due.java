package io.postern.bench.timers;

import java.util.UUID;

/** A timer: its id and when it is due, in milliseconds since 1970. */
record Due(UUID id, long atMillis) {}
