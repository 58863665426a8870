@NullMarked
package io.postern.azure.domain;

import org.jspecify.annotations.NullMarked;
