/** What a cloud must offer to the reconcile loop. */
@NullMarked
package io.postern.enforcement.cloud;

import org.jspecify.annotations.NullMarked;
