package dev.longwave.server.net;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Counts connections, in total and per address, and says which would exceed a limit. Safe for many
 * threads.
 */
final class ConnectionLimits {
    /*
     * Of an IPv6 address only the network counts, its first 64 bits: a client can choose the others as it
     * likes (RFC 4291, section 2.5.4).
     */
    private static final int NETWORK_BYTES = 8;

    private final int maxTotal;
    private final int maxPerAddress;
    private final AddressRanges exempt;
    private final AtomicInteger total = new AtomicInteger();
    private final Map<InetAddress, Integer> perAddress = new ConcurrentHashMap<>();

    /** A limit that a connection would exceed. */
    record Exceeded(String limit, int max) {}

    /**
     * @param maxPerAddress 0 for no limit
     * @param exempt addresses for which only the total counts
     */
    ConnectionLimits(int maxTotal, int maxPerAddress, AddressRanges exempt) {
        this.maxTotal = maxTotal;
        this.maxPerAddress = maxPerAddress;
        this.exempt = exempt;
    }

    int total() {
        return total.get();
    }

    /**
     * Counts a connection, unless it would exceed a limit.
     *
     * @return the limit; if empty, the connection is counted until {@link #release}
     */
    Optional<Exceeded> admit(InetAddress client) {
        if (total.incrementAndGet() > maxTotal) {
            total.decrementAndGet();
            return Optional.of(new Exceeded("connections", maxTotal));
        }
        if (isCounted(client) && countOf(client) > maxPerAddress) {
            release(client);
            return Optional.of(new Exceeded("connections-per-address", maxPerAddress));
        }
        return Optional.empty();
    }

    private int countOf(InetAddress client) {
        return perAddress.merge(network(client), 1, Integer::sum);
    }

    /** Takes back {@link #admit}. Once. */
    void release(InetAddress client) {
        total.decrementAndGet();
        if (isCounted(client)) {
            perAddress.computeIfPresent(
                    network(client), (_, count) -> count == 1 ? null : count - 1);
        }
    }

    private boolean isCounted(InetAddress client) {
        return maxPerAddress > 0 && !exempt.contain(client);
    }

    private static InetAddress network(InetAddress client) {
        if (!(client instanceof Inet6Address)) {
            return client;
        }
        byte[] address = client.getAddress();
        Arrays.fill(address, NETWORK_BYTES, address.length, (byte) 0);
        try {
            return InetAddress.getByAddress(address);
        } catch (UnknownHostException e) {
            throw new IllegalStateException("an address of this length is valid", e);
        }
    }
}
