/** Value types that refuse what is malformed; no I/O, no framework. */
@NullMarked
package io.postern.model;

import org.jspecify.annotations.NullMarked;
