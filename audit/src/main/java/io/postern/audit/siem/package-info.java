/** Where what is read goes: collectors of lines. */
@NullMarked
package io.postern.audit.siem;

import org.jspecify.annotations.NullMarked;
