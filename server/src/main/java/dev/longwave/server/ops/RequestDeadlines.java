package dev.longwave.server.ops;

import io.helidon.webserver.http.Filter;
import io.helidon.webserver.http.FilterChain;
import io.helidon.webserver.http.RoutingRequest;
import io.helidon.webserver.http.RoutingResponse;
import io.helidon.webserver.http.ServerRequest;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;

/**
 * Cuts the connections of requests that make no progress, such as those of clients that do not read
 * their responses. Safe for many threads.
 */
final class RequestDeadlines implements Filter {
    /*
     * Helidon has no write timeout. Each request is served by a virtual thread of its own; interrupting it while it is
     * blocked in a write closes the connection. An exchange is interrupted under its own monitor and only before it
     * ends, so that no later request on the same connection is hit.
     */
    private final Duration deadline;
    private final LongSupplier nanoTime;
    private final Set<Exchange> exchanges = ConcurrentHashMap.newKeySet();

    /**
     * Deadlines for the requests that pass this filter.
     *
     * @param deadline how long a request may go without progress
     * @param nanoTime a clock as {@link System#nanoTime()}
     */
    RequestDeadlines(Duration deadline, LongSupplier nanoTime) {
        this.deadline = deadline;
        this.nanoTime = nanoTime;
    }

    /** One request and the thread that serves it. */
    private final class Exchange {

        private final Thread thread = Thread.currentThread();
        private volatile long since = nanoTime.getAsLong();
        private boolean ended; // guarded by this

        void progress() {
            since = nanoTime.getAsLong();
        }

        synchronized void cut() {
            if (!ended) {
                thread.interrupt();
            }
        }

        synchronized void end() {
            ended = true;
        }
    }

    @Override
    public void filter(FilterChain chain, RoutingRequest request, RoutingResponse response) {
        var exchange = new Exchange();
        request.context().register(exchange);
        exchanges.add(exchange);
        try {
            chain.proceed();
        } finally {
            exchanges.remove(exchange);
            exchange.end();
        }
    }

    /** Gives {@code request}, for which something was written, the full time again. */
    static void progress(ServerRequest request) {
        request.context().get(Exchange.class).ifPresent(Exchange::progress);
    }

    /** Cuts the requests that have made no progress for longer than the deadline. */
    void enforce() {
        long now = nanoTime.getAsLong();
        for (Exchange exchange : exchanges) {
            if (now - exchange.since > deadline.toNanos()) {
                exchange.cut();
            }
        }
    }
}
