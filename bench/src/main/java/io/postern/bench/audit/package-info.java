/** What it costs to prove the record. */
@NullMarked
package io.postern.bench.audit;

import org.jspecify.annotations.NullMarked;
