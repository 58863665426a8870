/** What to write to a security group: pure, no SDK. */
@NullMarked
package io.postern.aws.domain;

import org.jspecify.annotations.NullMarked;
