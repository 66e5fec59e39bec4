/** Long polling: the events of a stream in one response after the other. */
@NullMarked
package dev.longwave.server.poll;

import org.jspecify.annotations.NullMarked;
