/** For bots in Java: asks for a port on Kafka and follows the answers. */
@NullMarked
package io.postern.client;

import org.jspecify.annotations.NullMarked;
