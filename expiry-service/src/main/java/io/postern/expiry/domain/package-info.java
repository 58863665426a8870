/** Which grants end when: pure, time is an argument. */
@NullMarked
package io.postern.expiry.domain;

import org.jspecify.annotations.NullMarked;
