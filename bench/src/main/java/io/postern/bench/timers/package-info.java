/** A million timers: expiry-service beside three peers and the bare produce. */
@NullMarked
package io.postern.bench.timers;

import org.jspecify.annotations.NullMarked;
