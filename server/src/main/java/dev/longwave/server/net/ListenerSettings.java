package dev.longwave.server.net;

/**
 * How a {@link Listener} opens.
 *
 * @param host the address to listen on
 * @param port 0 for any that is free
 * @param maxConnections how many connections there may be, 1 or more
 * @param maxConnectionsPerAddress how many of them from one IPv4 address or IPv6 network of 64
 *     bits; 0 for no limit
 * @param trustedProxies from these addresses there may be more
 * @param proxyProtocol whether each connection from these addresses begins with a PROXY header
 */
public record ListenerSettings(
        String host,
        int port,
        int maxConnections,
        int maxConnectionsPerAddress,
        AddressRanges trustedProxies,
        boolean proxyProtocol) {}
