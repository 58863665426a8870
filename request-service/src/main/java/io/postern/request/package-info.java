/** request-service: the front door. */
@NullMarked
package io.postern.request;

import org.jspecify.annotations.NullMarked;
