/** Wiring and configuration. */
@NullMarked
package io.postern.policy.config;

import org.jspecify.annotations.NullMarked;
