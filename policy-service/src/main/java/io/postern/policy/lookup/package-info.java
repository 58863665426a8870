/** Asks what only others know: a ticket system, and the clouds. */
@NullMarked
package io.postern.policy.lookup;

import org.jspecify.annotations.NullMarked;
