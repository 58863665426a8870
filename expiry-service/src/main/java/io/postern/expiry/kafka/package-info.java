/** The log's side: leases in, expirations out. */
@NullMarked
package io.postern.expiry.kafka;

import org.jspecify.annotations.NullMarked;
