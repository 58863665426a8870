@NullMarked
package io.postern.request.sql;

import org.jspecify.annotations.NullMarked;
