/** JMH benchmarks of the core's parts. In its package, to reach what is private to it. */
@NullMarked
package dev.longwave.core;

import org.jspecify.annotations.NullMarked;
