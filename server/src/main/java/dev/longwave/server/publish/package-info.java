/**
 * Publishing over HTTP: one event, a line at a time, or a batch; and reading back what was
 * published.
 */
@NullMarked
package dev.longwave.server.publish;

import org.jspecify.annotations.NullMarked;
