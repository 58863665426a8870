/** The commands {@code postern audit} and {@code postern dead-letters}. */
@NullMarked
package io.postern.audit.cli;

import org.jspecify.annotations.NullMarked;
