/** Wiring and configuration. */
@NullMarked
package io.postern.aws.config;

import org.jspecify.annotations.NullMarked;
