/** Closing what is overdue by hand. */
@NullMarked
package io.postern.enforcement.sweep;

import org.jspecify.annotations.NullMarked;
