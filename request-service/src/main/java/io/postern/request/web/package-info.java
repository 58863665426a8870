/** REST. */
@NullMarked
package io.postern.request.web;

import org.jspecify.annotations.NullMarked;
