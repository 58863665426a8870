/** expiry-service: a timing wheel fed by the log. */
@NullMarked
package io.postern.expiry;

import org.jspecify.annotations.NullMarked;
