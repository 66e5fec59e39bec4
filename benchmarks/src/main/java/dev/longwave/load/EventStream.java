package dev.longwave.load;

import java.io.IOException;
import java.nio.ByteBuffer;

/** What a subscriber and a server say to each other on a connection that begins with HTTP/1.1. */
interface EventStream {
    /** Sends bytes to the server. */
    interface Output {
        void send(ByteBuffer bytes) throws IOException;
    }

    /** {@return the request that opens it} */
    byte[] request();

    /** Reads what the server sent. An answer goes to {@code output}. */
    void read(ByteBuffer bytes, Output output) throws IOException;

    /** {@return whether events come from now on} */
    boolean isOpen();

    /**
     * {@return the stream by which {@code subscription} gets its events}
     *
     * @param failures is told of events of the subscriber that the server refuses
     */
    static EventStream of(
            Options options, Requests requests, Subscription subscription, Failures failures) {
        return switch (options.transport) {
            case SSE -> new SseStream(requests, subscription);
            case WS, CENTRIFUGE ->
                    new WebSocketStream(
                            Dialect.of(options.target, options.transport),
                            requests,
                            subscription,
                            failures);
        };
    }
}
