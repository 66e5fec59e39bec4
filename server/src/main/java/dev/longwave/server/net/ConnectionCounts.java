package dev.longwave.server.net;

import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import java.util.stream.Stream;

/** Counts connections by what is spoken on them. Safe for many threads. */
public final class ConnectionCounts {

    private final LongAdder accepted = new LongAdder();
    private final Map<Protocol, Kind> clear = new EnumMap<>(Protocol.class); // filled once
    private final Map<Protocol, Kind> encrypted = new EnumMap<>(Protocol.class); // likewise

    /** The open connections of one kind. */
    public static final class Kind {

        private final Protocol protocol;
        private final boolean encrypted;
        private final AtomicInteger open = new AtomicInteger();

        private Kind(Protocol protocol, boolean encrypted) {
            this.protocol = protocol;
            this.encrypted = encrypted;
        }

        /** {@return the protocol that its clients began with} */
        public Protocol protocol() {
            return protocol;
        }

        /** {@return whether they speak TLS} */
        public boolean encrypted() {
            return encrypted;
        }

        /** {@return how many there are} */
        public int open() {
            return open.get();
        }

        void opened() {
            open.incrementAndGet();
        }

        void closed() {
            open.decrementAndGet();
        }
    }

    ConnectionCounts() {
        for (Protocol protocol : Protocol.values()) {
            clear.put(protocol, new Kind(protocol, false));
            encrypted.put(protocol, new Kind(protocol, true));
        }
    }

    void accept() {
        accepted.increment();
    }

    Kind of(Protocol protocol, boolean overTls) {
        Kind kind = (overTls ? encrypted : clear).get(protocol);
        if (kind == null) {
            throw new IllegalStateException("no count for a protocol");
        }
        return kind;
    }

    /** {@return how many connections were accepted, also those that were refused then} */
    public long accepted() {
        return accepted.sum();
    }

    /** {@return the connections whose protocol is known, one element for each kind} */
    public List<Kind> kinds() {
        return Stream.concat(clear.values().stream(), encrypted.values().stream()).toList();
    }
}
