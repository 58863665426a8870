/** aws-enforcer's adapter and worker on a simulated EC2 with its documented request buckets. */
@NullMarked
package io.postern.bench.aws;

import org.jspecify.annotations.NullMarked;
