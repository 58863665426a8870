@NullMarked
package io.postern.simulator.arm;

import org.jspecify.annotations.NullMarked;
