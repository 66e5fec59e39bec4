package dev.longwave.server.net;

import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongSupplier;

/**
 * Logs what clients do wrong: each fault in one line at DEBUG, and a summary of each kind at
 * WARNING at most once a minute. Clients can cause any number of faults, and must not fill the log
 * with them. Safe for many threads.
 */
public final class ClientFaults {

    private static final System.Logger LOGGER = System.getLogger(ClientFaults.class.getName());
    private static final long PERIOD_NANOS = Duration.ofMinutes(1).toNanos();
    private static final int MAX_LENGTH = 200;

    /** The kinds of faults that are counted apart. */
    public enum Kind {
        /** The bytes break the rules of their protocol. */
        MALFORMED("malformed requests"),
        /** A proxy does not say whose connection it passes on. */
        PROXY_HEADER("connections of proxies without a valid PROXY header"),
        /** A client and the server do not agree on TLS. */
        HANDSHAKE("failed TLS handshakes"),
        /** A part of a request, or of taking a response, took too long. */
        TOO_SLOW("clients that sent or took too little"),
        /** A connection beyond a limit. */
        REFUSED_CONNECTION("refused connections"),
        /** A request that would take more memory than there is for requests or responses. */
        OVER_BUDGET("requests refused for lack of memory"),
        /** Many requests, resets, or frames without use. */
        FLOOD("floods"),
        /** A request that came under a name that is not the server's. */
        FOREIGN_HOST("requests for other hosts"),
        /** A request to the admin listener with a wrong password. */
        WRONG_PASSWORD("wrong passwords for the admin listener");

        private final String words;

        Kind(String words) {
            this.words = words;
        }

        /** {@return the word for it in metrics: lower case, with dashes} */
        public String word() {
            return name().toLowerCase(Locale.ROOT).replace('_', '-');
        }
    }

    private final LongSupplier nanoTime;
    private final Map<Kind, Count> counts = new EnumMap<>(Kind.class); // not changed once filled

    private static final class Count {
        private final AtomicLong faults = new AtomicLong(); // since the last summary
        private final LongAdder total = new LongAdder();
        private final AtomicLong nextSummary;

        Count(long now) {
            nextSummary = new AtomicLong(now);
        }
    }

    public ClientFaults() {
        this(System::nanoTime);
    }

    ClientFaults(LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
        for (Kind kind : Kind.values()) {
            counts.put(kind, new Count(nanoTime.getAsLong()));
        }
    }

    /**
     * Notes a fault.
     *
     * @param detail in words; what the client sent may be part of it, as it is shortened and
     *     escaped
     */
    public void note(Kind kind, SocketAddress client, String detail) {
        if (LOGGER.isLoggable(System.Logger.Level.DEBUG)) {
            LOGGER.log(
                    System.Logger.Level.DEBUG,
                    "{0}: {1} client={2}",
                    kind.words,
                    printable(detail),
                    host(client));
        }
        Count count = counts.get(kind);
        if (count != null) {
            summarise(kind, count, client);
        }
    }

    private void summarise(Kind kind, Count count, SocketAddress client) {
        count.faults.incrementAndGet();
        count.total.increment();
        long now = nanoTime.getAsLong();
        long due = count.nextSummary.get();
        if (now - due >= 0 && count.nextSummary.compareAndSet(due, now + PERIOD_NANOS)) {
            LOGGER.log(
                    System.Logger.Level.WARNING,
                    "{0,number,#} {1} since the last such line; the latest from {2}",
                    count.faults.getAndSet(0),
                    kind.words,
                    host(client));
        }
    }

    /** {@return how many faults of each kind there were} */
    public Map<Kind, Long> totals() {
        Map<Kind, Long> totals = new EnumMap<>(Kind.class);
        counts.forEach((kind, count) -> totals.put(kind, count.total.sum()));
        return totals;
    }

    private static String host(SocketAddress client) {
        return client instanceof InetSocketAddress address
                ? address.getAddress().getHostAddress()
                : client.toString();
    }

    /** {@return {@code text} in one line of bounded length, without control characters} */
    static String printable(String text) {
        var safe = new StringBuilder();
        for (int i = 0; i < text.length() && safe.length() < MAX_LENGTH; i++) {
            char c = text.charAt(i);
            if (c >= ' ' && c <= '~' && c != '\\') {
                safe.append(c);
            } else {
                safe.append("\\u%04x".formatted((int) c));
            }
        }
        return safe.length() < MAX_LENGTH ? safe.toString() : safe + "...";
    }
}
