/**
 * Connections, from accepting to closing: {@link dev.longwave.server.wire.Door} listens and counts,
 * a {@code Connection} is the life of one, {@link dev.longwave.server.wire.ChannelSocket} its
 * socket. The protocols are Helidon's engines, given what they need by {@link
 * dev.longwave.server.wire.Wire} through Helidon's public interfaces, and mended at the edges:
 * HTTP/2 resets reach the stream that they are for, HTTP/1.0 clients (a proxy with default
 * settings) are served, and a handler can take a connection over for good: {@link
 * dev.longwave.server.wire.ConnectionTaken}.
 */
@NullMarked
package dev.longwave.server.wire;

import org.jspecify.annotations.NullMarked;
