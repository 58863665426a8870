/** A copy of the log in a bucket. */
@NullMarked
package io.postern.audit.s3;

import org.jspecify.annotations.NullMarked;
