/** Desired state and ownership marks: pure, time is an argument. */
@NullMarked
package io.postern.enforcement.domain;

import org.jspecify.annotations.NullMarked;
