package dev.longwave.server.net.helidon;

import java.io.InputStream;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;

/** The requests of one connection that are being answered. Safe for many threads. */
final class Requests {

    private final AtomicInteger underWay = new AtomicInteger();
    private final AtomicInteger pauses = new AtomicInteger();
    private final Set<RequestBody> bodies = ConcurrentHashMap.newKeySet();
    private volatile boolean lost;

    void begin() {
        underWay.incrementAndGet();
    }

    void end() {
        underWay.decrementAndGet();
    }

    boolean none() {
        return underWay.get() == 0;
    }

    /** One more request, or one less, may pause within its body. */
    void allowPauses(boolean allowed) {
        pauses.addAndGet(allowed ? 1 : -1);
    }

    boolean pausesAllowed() {
        return pauses.get() > 0;
    }

    /** The body of a request, until {@link #forget}. See {@link RequestBody}. */
    RequestBody body(InputStream from, BooleanSupplier arrived) {
        var body = new RequestBody(from, arrived);
        bodies.add(body);
        if (lost) {
            body.lose();
        }
        return body;
    }

    void forget(RequestBody body) {
        bodies.remove(body);
    }

    /** The connection is at its end. */
    void lose() {
        lost = true;
        bodies.forEach(RequestBody::lose);
    }
}
