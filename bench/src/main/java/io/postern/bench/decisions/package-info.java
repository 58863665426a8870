/** What a decision costs, beside the bare transaction that carries it. */
@NullMarked
package io.postern.bench.decisions;

import org.jspecify.annotations.NullMarked;
