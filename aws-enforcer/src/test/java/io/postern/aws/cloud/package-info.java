/** Tests of EC2 as the reconcile loop sees it. */
@NullMarked
package io.postern.aws.cloud;

import org.jspecify.annotations.NullMarked;
