/** What the front door takes in, and how fast what it has taken in is found again. */
@NullMarked
package io.postern.bench.requests;

import org.jspecify.annotations.NullMarked;
