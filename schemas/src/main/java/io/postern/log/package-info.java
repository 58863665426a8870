/**
 * How events travel: topic catalogue, framing, signatures, the thin registry client, following a
 * topic.
 */
@NullMarked
package io.postern.log;

import org.jspecify.annotations.NullMarked;
