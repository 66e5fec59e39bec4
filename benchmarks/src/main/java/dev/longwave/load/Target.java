package dev.longwave.load;

/** A kind of server: how to subscribe and publish. */
enum Target {
    /** Longwave. */
    LONGWAVE("/events/", "/events/"),
    /** nginx with Nchan, by the configuration in {@code benchmarks/peers}. */
    NCHAN("/sub/", "/pub/"),
    /** The Node.js server in {@code benchmarks/peers}. */
    NODE("/sub/", "/pub/"),
    /** Mercure: one URL for everything, a form for publishing, and a token. */
    MERCURE("/.well-known/mercure?topic=", "/.well-known/mercure");

    private final String subscribePath;
    private final String publishPath;

    Target(String subscribePath, String publishPath) {
        this.subscribePath = subscribePath;
        this.publishPath = publishPath;
    }

    String subscribePath(String topic) {
        return subscribePath + topic;
    }

    String publishPath(String topic) {
        return this == MERCURE ? publishPath : publishPath + topic;
    }

    /** {@return what stands in a request's body before the event's data} */
    String bodyPrefix(String topic) {
        return this == MERCURE ? "topic=" + topic + "&data=" : "";
    }

    String contentType() {
        return this == MERCURE ? "application/x-www-form-urlencoded" : "text/plain";
    }
}
