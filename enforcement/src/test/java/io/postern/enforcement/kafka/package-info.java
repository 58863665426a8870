@NullMarked
package io.postern.enforcement.kafka;

import org.jspecify.annotations.NullMarked;
