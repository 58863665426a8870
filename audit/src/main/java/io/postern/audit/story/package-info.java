/** The record of a machine, a person or a request, in sentences and as OCSF. Pure. */
@NullMarked
package io.postern.audit.story;

import org.jspecify.annotations.NullMarked;
