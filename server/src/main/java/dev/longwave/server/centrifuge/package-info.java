/**
 * The Centrifuge client protocol, JSON: many topics on one connection, with recovery, publishing,
 * history, and presence. It is the same over WebSockets and over the two transports that need none.
 */
@NullMarked
package dev.longwave.server.centrifuge;

import org.jspecify.annotations.NullMarked;
