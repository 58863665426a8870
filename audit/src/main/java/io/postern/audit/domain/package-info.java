/** The proof: digests, chains, checkpoints, and what a copy is held against. Pure. */
@NullMarked
package io.postern.audit.domain;

import org.jspecify.annotations.NullMarked;
