package dev.longwave.load;

/** A kind of server: how to subscribe and publish. */
enum Target {
    /** Longwave. */
    LONGWAVE("/events/", "/events/"),
    /** nginx with Nchan, by the configuration in {@code benchmarks/peers}. */
    NCHAN("/sub/", "/pub/"),
    /** The Node.js servers in {@code benchmarks/peers}. */
    NODE("/sub/", "/pub/"),
    /** The Socket.IO server in {@code benchmarks/peers}. */
    SOCKETIO("", "/pub/"),
    /** Centrifugo, by the configuration in {@code benchmarks/peers}. */
    CENTRIFUGO("/connection/uni_sse?cf_connect=", "/api/publish"),
    /** Mercure: one URL for everything, a form for publishing, and a token. */
    MERCURE("/.well-known/mercure?topic=", "/.well-known/mercure");

    private final String subscribePath;
    private final String publishPath;

    Target(String subscribePath, String publishPath) {
        this.subscribePath = subscribePath;
        this.publishPath = publishPath;
    }

    /** {@return where to subscribe to server-sent events} */
    String subscribePath(String topic) {
        return this == CENTRIFUGO
                ? subscribePath + "%7B%22subs%22:%7B%22" + topic + "%22:%7B%7D%7D%7D"
                : subscribePath + topic;
    }

    /** {@return where to subscribe over WebSocket, if the URL says to what} */
    String socketPath(String topic) {
        return this == LONGWAVE ? "/ws/" + topic : subscribePath + topic;
    }

    String publishPath(String topic) {
        return this == MERCURE || this == CENTRIFUGO ? publishPath : publishPath + topic;
    }

    /** {@return what stands in a request's body before the event's data} */
    String bodyPrefix(String topic) {
        return switch (this) {
            case MERCURE -> "topic=" + topic + "&data=";
            case CENTRIFUGO -> "{\"channel\":\"" + topic + "\",\"data\":\"";
            default -> "";
        };
    }

    /** {@return what stands in a request's body after the event's data} */
    String bodySuffix() {
        return this == CENTRIFUGO ? "\"}" : "";
    }

    /** {@return what stands before a token} */
    String scheme() {
        return this == CENTRIFUGO ? "apikey " : "Bearer ";
    }

    String contentType() {
        return switch (this) {
            case MERCURE -> "application/x-www-form-urlencoded";
            case CENTRIFUGO -> "application/json";
            default -> "text/plain";
        };
    }
}
