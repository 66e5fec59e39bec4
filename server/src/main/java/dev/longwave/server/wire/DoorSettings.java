package dev.longwave.server.wire;

import java.time.Duration;

/**
 * How a {@link Door} opens.
 *
 * @param host the address to listen on
 * @param port 0 for any that is free
 * @param maxConnections how many connections there may be, 1 or more
 * @param maxConnectionsPerAddress how many of them from one address; 0 for no limit
 * @param maxStreamsPerConnection how many requests one HTTP/2 connection may have open
 * @param writeDeadline how long HTTP/2 flow control may hold up a write
 */
public record DoorSettings(
        String host,
        int port,
        int maxConnections,
        int maxConnectionsPerAddress,
        int maxStreamsPerConnection,
        Duration writeDeadline) {}
