/** The log's side of an enforcer: what it reads, what it reports. */
@NullMarked
package io.postern.enforcement.kafka;

import org.jspecify.annotations.NullMarked;
