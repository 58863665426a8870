@NullMarked
package io.postern.azure;

import org.jspecify.annotations.NullMarked;
