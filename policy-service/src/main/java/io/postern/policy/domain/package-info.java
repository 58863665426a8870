/** The decision: pure, time is an argument. */
@NullMarked
package io.postern.policy.domain;

import org.jspecify.annotations.NullMarked;
