/** Who can reach a fleet, as sets of addresses and address by address. */
@NullMarked
package io.postern.bench.exposure;

import org.jspecify.annotations.NullMarked;
