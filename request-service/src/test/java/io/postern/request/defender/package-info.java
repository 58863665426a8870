@NullMarked
package io.postern.request.defender;

import org.jspecify.annotations.NullMarked;
