@NullMarked
package io.postern.azure.config;

import org.jspecify.annotations.NullMarked;
