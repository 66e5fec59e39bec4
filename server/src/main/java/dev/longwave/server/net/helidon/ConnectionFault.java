package dev.longwave.server.net.helidon;

/** Thrown where a client breaks the rules of HTTP/2 so that its connection must end. */
final class ConnectionFault extends RuntimeException {

    private static final long serialVersionUID = 1;

    private final Http2Error error;

    /**
     * @param words what the client did, for the log and for the client
     */
    ConnectionFault(Http2Error error, String words) {
        super(words);
        this.error = error;
    }

    Http2Error error() {
        return error;
    }

    /** Without the stack: clients cause these, and may cause many. */
    @Override
    @SuppressWarnings("UnsynchronizedOverridesSynchronized") // it does nothing
    public Throwable fillInStackTrace() {
        return this;
    }
}
