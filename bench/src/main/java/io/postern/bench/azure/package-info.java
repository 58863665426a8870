/** azure-enforcer's adapter and worker on a simulated ARM with its documented request buckets. */
@NullMarked
package io.postern.bench.azure;

import org.jspecify.annotations.NullMarked;
