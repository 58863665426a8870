/** Benchmarks, each beside its floor in the same run. */
@NullMarked
package io.postern.bench;

import org.jspecify.annotations.NullMarked;
