/**
 * Races on the lock-free parts of the core, for jcstress. In its package, to reach what is private
 * to it.
 */
@NullMarked
package dev.longwave.core;

import org.jspecify.annotations.NullMarked;
