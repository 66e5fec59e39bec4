/**
 * Connections, from accepting to closing: {@link dev.longwave.server.net.Listener} accepts and
 * counts, a {@code Connection} is the life of one, an {@link dev.longwave.server.net.Endpoint} is
 * where its bytes go, and {@link dev.longwave.server.net.Deadlines} end what waits too long. The
 * protocols are spoken by {@link dev.longwave.server.net.Engines}; nothing here knows which library
 * they come from, or what they carry.
 */
@NullMarked
package dev.longwave.server.net;

import org.jspecify.annotations.NullMarked;
