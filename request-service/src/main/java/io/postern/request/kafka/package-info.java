/** The log's side: what is sent, what is read. */
@NullMarked
package io.postern.request.kafka;

import org.jspecify.annotations.NullMarked;
