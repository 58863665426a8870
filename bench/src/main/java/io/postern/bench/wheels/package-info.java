/** Which timer holds a million ends: the candidates beside each other in one run. */
@NullMarked
package io.postern.bench.wheels;

import org.jspecify.annotations.NullMarked;
