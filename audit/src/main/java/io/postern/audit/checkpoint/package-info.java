/** Checkpoints as signed records. */
@NullMarked
package io.postern.audit.checkpoint;

import org.jspecify.annotations.NullMarked;
