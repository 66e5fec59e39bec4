/** JMH benchmarks of the core's parts. In the core's package because they are package-private. */
@NullMarked
package dev.longwave.core;

import org.jspecify.annotations.NullMarked;
