package dev.longwave.server.net;

import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A response that lasts, taken over from the protocol's engine: its status and headers are settled,
 * and its body is for the caller to write to an {@link Endpoint}.
 */
public final class ResponseStream {

    private final Endpoint endpoint;
    private final byte[] head;
    private final boolean chunked;
    private final Supplier<byte[]> received;
    private final Consumer<BooleanSupplier> server;
    private final @Nullable LoggedRequest request;

    /**
     * A response whose engine lets go of it.
     *
     * @param received what the client has sent behind its request
     * @param server has a body written, on the right thread, as {@link #serve} says
     */
    public ResponseStream(
            Endpoint endpoint,
            byte[] head,
            boolean chunked,
            Supplier<byte[]> received,
            Consumer<BooleanSupplier> server) {
        this(endpoint, head, chunked, received, server, null);
    }

    private ResponseStream(
            Endpoint endpoint,
            byte[] head,
            boolean chunked,
            Supplier<byte[]> received,
            Consumer<BooleanSupplier> server,
            @Nullable LoggedRequest request) {
        this.endpoint = endpoint;
        this.head = head;
        this.chunked = chunked;
        this.received = received;
        this.server = server;
        this.request = request;
    }

    /** {@return this response, as that to {@code logged}} */
    public ResponseStream to(LoggedRequest logged) {
        return new ResponseStream(endpoint, head, chunked, received, server, logged);
    }

    /** {@return the request that it answers; null if the access log is off} */
    public @Nullable LoggedRequest request() {
        return request;
    }

    /** {@return where the body goes} */
    public Endpoint endpoint() {
        return endpoint;
    }

    /** {@return what must be written before the body; empty if it was sent already} */
    public byte[] head() {
        return head;
    }

    /** {@return whether the body must be framed as chunks: RFC 9112, section 7.1} */
    public boolean chunked() {
        return chunked;
    }

    /**
     * Has {@code receiver} get all that the client sends behind its request. Once, while the body
     * is written. Does not block.
     */
    public void receive(Receiver receiver) {
        byte[] first = received.get();
        if (first.length == 0) {
            endpoint.receive(receiver);
            return;
        }
        Thread.ofVirtual()
                .name("longwave-receiver")
                .start(() -> {
                    receiver.received(first);
                    endpoint.receive(receiver);
                });
    }

    /**
     * Has {@code body} write the body, to its end. The last thing that a handler calls: it does not
     * always return.
     *
     * @param body returns whether the response is complete. It must not hold on to the request and
     *     the response, which are worth several kilobytes
     */
    public void serve(BooleanSupplier body) {
        server.accept(body);
    }
}
