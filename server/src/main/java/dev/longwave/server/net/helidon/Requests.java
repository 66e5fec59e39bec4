package dev.longwave.server.net.helidon;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** The requests of one HTTP/2 connection that are being answered. Safe for many threads. */
final class Requests {

    private final Map<Integer, RequestBody> underWay = new ConcurrentHashMap<>();
    private volatile boolean lost;

    /** A request is answered from now on, until {@link #end}. */
    void begin(int id, RequestBody body) {
        underWay.put(id, body);
        if (lost) {
            body.lose();
        }
    }

    void end(int id) {
        RequestBody body = underWay.remove(id);
        if (body != null) {
            body.end();
        }
    }

    /** A request may pause within its body for as long as an idle client may, or no longer. */
    void allowPauses(int id, boolean allowed) {
        RequestBody body = underWay.get(id);
        if (body != null) {
            body.allowPauses(allowed);
        }
    }

    /** Nobody reads the rest of a request: a thread that does stops. */
    void lose(int id) {
        RequestBody body = underWay.get(id);
        if (body != null) {
            body.lose();
        }
    }

    /** The server reads no more of a request: a thread that does is told so. */
    void stop(int id) {
        RequestBody body = underWay.get(id);
        if (body != null) {
            body.stop();
        }
    }

    /** The connection is at its end. */
    void lose() {
        lost = true;
        underWay.values().forEach(RequestBody::lose);
    }
}
