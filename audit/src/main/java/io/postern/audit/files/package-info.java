/** A copy of the log in files. */
@NullMarked
package io.postern.audit.files;

import org.jspecify.annotations.NullMarked;
