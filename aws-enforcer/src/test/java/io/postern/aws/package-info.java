/** Tests of the module as a whole. */
@NullMarked
package io.postern.aws;

import org.jspecify.annotations.NullMarked;
