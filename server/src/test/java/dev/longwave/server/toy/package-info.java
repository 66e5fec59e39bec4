/**
 * A third transport, to show that one needs no change anywhere else: events as lines of JSON over a
 * plain socket.
 */
@NullMarked
package dev.longwave.server.toy;

import org.jspecify.annotations.NullMarked;
