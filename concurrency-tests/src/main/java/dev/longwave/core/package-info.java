/**
 * jcstress tests of the core's lock-free parts. They are in the core's package because these parts
 * are package-private.
 */
@NullMarked
package dev.longwave.core;

import org.jspecify.annotations.NullMarked;
