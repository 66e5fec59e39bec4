/**
 * JMH benchmarks of the format of event streams, and the batch that other benchmarks read into. In
 * the server's package because the format is package-private.
 */
@NullMarked
package dev.longwave.server.sse;

import org.jspecify.annotations.NullMarked;
