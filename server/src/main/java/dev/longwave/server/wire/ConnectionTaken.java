package dev.longwave.server.wire;

import io.helidon.webserver.CloseConnectionException;

/**
 * Thrown by a handler that takes an HTTP/1 connection over: it writes the response itself, to the
 * connection's end, after the protocol engine has left.
 *
 * <p>The engine, the request and the response are worth several kilobytes, and a stream of events
 * lives long.
 */
public final class ConnectionTaken extends CloseConnectionException {

    private static final long serialVersionUID = 1;

    private final transient Runnable response;

    /**
     * @param response writes the response; run by the same thread. Must not hold on to Helidon's
     *     request and response. May throw a {@link CloseConnectionException} if the client is gone
     */
    public ConnectionTaken(Runnable response) {
        super("the connection was taken over");
        this.response = response;
    }

    Runnable response() {
        return response;
    }

    /** Without the stack: this is a way out, not an error. */
    @Override
    @SuppressWarnings("UnsynchronizedOverridesSynchronized") // it does nothing
    public Throwable fillInStackTrace() {
        return this;
    }
}
