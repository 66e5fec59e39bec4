package dev.longwave.server.net.helidon;

import io.helidon.webserver.CloseConnectionException;

/**
 * Thrown by a handler that takes an HTTP/1 connection over; the engine lets go of it and passes it
 * on.
 */
final class Handover extends CloseConnectionException {

    private static final long serialVersionUID = 1;

    private final transient Runnable response;

    /**
     * @param response writes the response to the connection's end
     */
    Handover(Runnable response) {
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
