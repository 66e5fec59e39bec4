/** Programs of the machine that tests need beside Longwave. */
@NullMarked
package dev.longwave.server.programs;

import org.jspecify.annotations.NullMarked;
