/** Tests of the pure planners. */
@NullMarked
package io.postern.aws.domain;

import org.jspecify.annotations.NullMarked;
