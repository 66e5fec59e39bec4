package dev.longwave.server.net;

import java.net.InetAddress;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Counts connections, in total and per address, and says which would exceed a limit. Safe for many
 * threads.
 */
final class ConnectionLimits {
    private final int maxTotal;
    private final int maxPerAddress;
    private final AddressRanges exempt;
    private final AtomicInteger total = new AtomicInteger();
    private final Map<InetAddress, Integer> perAddress = new ConcurrentHashMap<>();

    /** A limit that a connection would exceed. */
    record Exceeded(String limit, int max) {

        String words() {
            return "limit=%s max=%d".formatted(limit, max);
        }
    }

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
        Optional<Exceeded> exceeded = admitClient(client);
        if (exceeded.isPresent()) {
            total.decrementAndGet();
        }
        return exceeded;
    }

    /**
     * Counts a connection for one more address: that of the client behind a proxy, whose connection
     * was admitted before.
     *
     * @return the limit; if empty, the connection is counted until {@link #releaseClient}
     */
    Optional<Exceeded> admitClient(InetAddress client) {
        if (isCounted(client) && countOf(client) > maxPerAddress) {
            releaseClient(client);
            return Optional.of(new Exceeded("connections-per-address", maxPerAddress));
        }
        return Optional.empty();
    }

    private int countOf(InetAddress client) {
        return perAddress.merge(ClientNetwork.of(client), 1, Integer::sum);
    }

    /** Takes back {@link #admit}. Once. */
    void release(InetAddress client) {
        total.decrementAndGet();
        releaseClient(client);
    }

    /** Takes back {@link #admitClient}. Once. */
    void releaseClient(InetAddress client) {
        if (isCounted(client)) {
            perAddress.computeIfPresent(
                    ClientNetwork.of(client), (_, count) -> count == 1 ? null : count - 1);
        }
    }

    private boolean isCounted(InetAddress client) {
        return maxPerAddress > 0 && !exempt.contain(client);
    }
}
