/** Wiring and configuration. */
@NullMarked
package io.postern.expiry.config;

import org.jspecify.annotations.NullMarked;
