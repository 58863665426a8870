/** Azure Resource Manager over HTTP: reading, writing, and what its errors mean. */
@NullMarked
package io.postern.azure.cloud;

import org.jspecify.annotations.NullMarked;
