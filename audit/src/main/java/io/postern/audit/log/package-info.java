/** Kafka: the audit consumer, checkpoints as records, the live log as a copy, dead letters. */
@NullMarked
package io.postern.audit.log;

import org.jspecify.annotations.NullMarked;
