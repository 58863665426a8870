/** The read model's store: an embedded database by default, or PostgreSQL. */
@NullMarked
package io.postern.request.sql;

import org.jspecify.annotations.NullMarked;
