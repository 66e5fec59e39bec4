package dev.longwave.server.centrifuge;

import dev.longwave.core.CloseReason;

/** Why the server ends a connection. With a code below 3500, the client reconnects by itself. */
enum Disconnect {
    CONNECTION_CLOSED(3000, "connection closed"),
    SHUTDOWN(3001, "shutdown"),
    SERVER_ERROR(3004, "internal server error"),
    EXPIRED(3005, "connection expired"),
    SLOW(3008, "slow"),
    INSUFFICIENT_STATE(3010, "insufficient state"),
    FORCE_RECONNECT(3011, "force reconnect"),
    NO_PONG(3012, "no pong"),
    INVALID_TOKEN(3500, "invalid token"),
    BAD_REQUEST(3501, "bad request"),
    STALE(3502, "stale"),
    FORCE_DISCONNECT(3503, "force disconnect"),
    CONNECTION_LIMIT(3504, "connection limit"),
    CHANNEL_LIMIT(3505, "channel limit"),
    INAPPROPRIATE_PROTOCOL(3506, "inappropriate protocol");

    private final int code;
    private final String reason;

    Disconnect(int code, String reason) {
        this.code = code;
        this.reason = reason;
    }

    int code() {
        return code;
    }

    String reason() {
        return reason;
    }

    /**
     * {@return what a client is told of a stream that was ended}
     *
     * @param mayReconnect whether its credential still counts
     */
    static Disconnect of(CloseReason reason, boolean mayReconnect) {
        return switch (reason) {
            case SHUTDOWN, MOVED -> SHUTDOWN;
            case EXPIRED -> EXPIRED;
            case REVOKED -> mayReconnect ? FORCE_RECONNECT : FORCE_DISCONNECT;
            case TOO_SLOW, WRITE_DEADLINE -> SLOW;
            case BROKER_UNAVAILABLE, FAILED -> SERVER_ERROR;
            case CLIENT_FAULT -> BAD_REQUEST;
            case ENDED, CLIENT_LEFT, CLIENT_CLOSED -> CONNECTION_CLOSED;
        };
    }

    DisconnectException exception() {
        return new DisconnectException(this);
    }
}
