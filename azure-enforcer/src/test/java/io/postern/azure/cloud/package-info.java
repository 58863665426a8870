@NullMarked
package io.postern.azure.cloud;

import org.jspecify.annotations.NullMarked;
