package dev.longwave.server.ws;

/** Ends a WebSocket whose client has broken a rule. */
public final class WsFault extends RuntimeException {

    private static final long serialVersionUID = 1;

    private final transient CloseStatus status;

    /** A fault of which the client is told so. */
    public WsFault(int code, String reason) {
        this(new CloseStatus(code, reason));
    }

    /** A fault of which the client is told so. */
    public WsFault(CloseStatus status) {
        super(status.reason(), null, false, false);
        this.status = status;
    }

    CloseStatus status() {
        return status;
    }

    static WsFault protocol(String reason) {
        return new WsFault(CloseStatus.PROTOCOL_ERROR, reason);
    }

    static WsFault notUtf8() {
        return new WsFault(CloseStatus.NOT_UTF_8, "text is not UTF-8");
    }

    static WsFault tooBig(int maxBytes) {
        return new WsFault(CloseStatus.TOO_BIG, "message too large maxBytes=" + maxBytes);
    }
}
