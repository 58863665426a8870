/**
 * What both simulated clouds stand on: HTTP, journal, faults, clock, token buckets, state on disk.
 */
@NullMarked
package io.postern.simulator.kernel;

import org.jspecify.annotations.NullMarked;
