package dev.longwave.server.centrifuge;

/** Why the server ends a subscription. */
enum Unsubscription {
    /** The client has no right to it any more, and does not try again. */
    NOT_ALLOWED(2000, "permission denied"),
    /** Events are missing: the client subscribes again, and learns that it could not recover. */
    INSUFFICIENT_STATE(2500, "insufficient state"),
    /** Its token has expired: the client subscribes again, with a new one. */
    EXPIRED(2501, "subscription expired");

    private final int code;
    private final String reason;

    Unsubscription(int code, String reason) {
        this.code = code;
        this.reason = reason;
    }

    int code() {
        return code;
    }

    String reason() {
        return reason;
    }
}
