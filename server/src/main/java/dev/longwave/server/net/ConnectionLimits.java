package dev.longwave.server.net;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/** Counts connections, in total and per address, and says which exceed a limit. */
final class ConnectionLimits {

    private final int maxTotal;
    private final int maxPerAddress;
    private final AtomicInteger total = new AtomicInteger();
    private final Map<InetAddress, Integer> perAddress = new ConcurrentHashMap<>();

    /** A limit that a connection would exceed. */
    record Exceeded(String limit, int max) {}

    /** One connection's place, given back by closing it. */
    final class Admission implements AutoCloseable {
        private final InetAddress address;
        private final Optional<Exceeded> exceeded;

        private Admission(InetAddress address) {
            this.address = address;
            int now = total.incrementAndGet();
            int here = maxPerAddress == 0 ? 0 : perAddress.merge(address, 1, Integer::sum);
            if (now > maxTotal) {
                exceeded = Optional.of(new Exceeded("connections", maxTotal));
            } else if (here > maxPerAddress) {
                exceeded = Optional.of(new Exceeded("connections-per-address", maxPerAddress));
            } else {
                exceeded = Optional.empty();
            }
        }

        /** Which limit this connection exceeds, if any. */
        Optional<Exceeded> exceeded() {
            return exceeded;
        }

        @Override
        public void close() {
            total.decrementAndGet();
            if (maxPerAddress > 0) {
                perAddress.computeIfPresent(address, (_, count) -> count == 1 ? null : count - 1);
            }
        }
    }

    /**
     * @param maxPerAddress 0 for no limit
     */
    ConnectionLimits(int maxTotal, int maxPerAddress) {
        this.maxTotal = maxTotal;
        this.maxPerAddress = maxPerAddress;
    }

    int total() {
        return total.get();
    }

    Admission admit(InetSocketAddress client) {
        return new Admission(client.getAddress());
    }
}
