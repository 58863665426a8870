/** The reconcile loop of an enforcer: events only say "look again". */
@NullMarked
package io.postern.enforcement;

import org.jspecify.annotations.NullMarked;
