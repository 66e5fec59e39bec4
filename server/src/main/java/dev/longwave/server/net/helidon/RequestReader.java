package dev.longwave.server.net.helidon;

import dev.longwave.server.net.ClientFaults;
import dev.longwave.server.net.DeadlineExceededException;
import dev.longwave.server.net.Endpoint;
import dev.longwave.server.net.Input;
import dev.longwave.server.net.RequestFault;
import dev.longwave.server.net.RequestFaultException;
import io.helidon.http.DateTime;
import io.helidon.webserver.CloseConnectionException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.OptionalLong;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Reads the requests of one HTTP/1 connection before its engine does: the engine gets one checked
 * head at a time, and never a body, so it can take none for a request. Handlers read the body here.
 *
 * <p>A head that is faulty is answered here, and the connection ends, as it does after an answer to
 * a request of which not all has arrived. For the thread that serves the connection, where nothing
 * else is said.
 */
final class RequestReader implements Supplier<byte @Nullable []> {
    /*
     * The engine asks for the next bytes when it has used up a head, which is when it has handled the request.
     *
     * Whatever ends the connection is thrown as a CloseConnectionException: for anything else Helidon 4.5.0
     * answers 500, and logs a warning with the stack.
     *
     * What a client still sends when it was answered is discarded for a while (RFC 9112, section 9.6): closing the
     * connection with bytes unread resets it, and many clients lose the answer then. A body that is refused because
     * it is too large is often a few MiB.
     */
    private static final int MAX_DISCARDED_BYTES = 8 << 20;
    private static final Duration MAX_DISCARDING = Duration.ofSeconds(5);
    private static final byte[] CONTINUE = Ascii.bytes("HTTP/1.1 100 Continue\r\n\r\n");

    /** What a connection waits for. */
    enum Awaited {
        /** The next request, of which nothing has arrived. */
        REQUEST,
        /** The rest of a head. */
        HEAD,
        /** The rest of a body, which a handler reads. */
        BODY,
        /** Nothing of the client: a request is being answered. */
        NOTHING
    }

    private final ReceivedBytes received;
    private final Endpoint endpoint;
    private final AnswerWriter writer;
    private final ClientFaults faults;
    private final Input input;
    private volatile Awaited awaited = Awaited.REQUEST;
    private volatile boolean finishing;
    private boolean upgraded;
    private boolean answering; // from when a head was handed on until the next one is asked for
    private boolean last; // no request is read after the one that is being answered
    private boolean http10;
    private boolean early; // the answer begins before the body was read
    private boolean asksToContinue; // the client waits for that before it sends the body
    private @Nullable MessageBody body;
    private boolean unread; // the client may have sent more than was read

    /** The connection is at its end. */
    private static final class Ended extends CloseConnectionException {
        private static final long serialVersionUID = 1;

        Ended(String message) {
            super(message);
        }

        /** Without the stack: this is a way out, not an error. */
        @Override
        @SuppressWarnings("UnsynchronizedOverridesSynchronized") // it does nothing
        public Throwable fillInStackTrace() {
            return this;
        }
    }

    /**
     * @param received what the client sends
     * @param writer writes the engine's answers
     * @param input is told of progress
     */
    RequestReader(
            ReceivedBytes received,
            Endpoint endpoint,
            AnswerWriter writer,
            ClientFaults faults,
            Input input) {
        this.received = received;
        this.endpoint = endpoint;
        this.writer = writer;
        this.faults = faults;
        this.input = input;
    }

    /** Waits for the next head, or for any bytes after an upgrade; null at the client's end. */
    @Override
    public byte @Nullable [] get() {
        if (upgraded) {
            return received.isEmpty() && !received.receive() ? null : received.takeAll();
        }
        while (true) {
            endRequest();
            RequestHead head = next();
            if (head == null) {
                return null;
            }
            byte[] handedOn = head.handedOn(received.bytes());
            writer.begin(head.isHead(received.bytes(), head.end()));
            received.takeUpTo(head.end());
            begin(head);
            if (!head.isOfServer()) {
                return handedOn;
            }
            answerOptions();
        }
    }

    private @Nullable RequestHead next() {
        awaited = Awaited.REQUEST;
        if (received.isEmpty() && !received.receive()) {
            return null;
        }
        var head = new RequestHead(received.from());
        try {
            while (!head.advance(received.bytes(), received.to())) {
                if (head.hasBegun(received.to())) {
                    awaited = Awaited.HEAD;
                }
                if (!received.receive()) {
                    return null;
                }
            }
            return head;
        } catch (RequestFaultException e) {
            note(e.fault());
            if (e.fault().equals(RequestLine.NOT_HTTP)) {
                throw new Ended("the client does not speak HTTP");
            }
            throw refused(e.fault(), head.isHead(received.bytes(), received.to()));
        } catch (DeadlineExceededException _) {
            RequestFault timeout = RequestFault.timeout("the head did not arrive in time");
            throw refused(timeout, head.isHead(received.bytes(), received.to()));
        }
    }

    private void begin(RequestHead head) {
        answering = true;
        last = head.isLast();
        early = false;
        http10 = head.isHttp10();
        asksToContinue = head.expectsContinue() && received.isEmpty();
        long length = head.bodyLength();
        body = length == 0 ? null : new MessageBody(received, length, this::receiveBody);
        awaited = Awaited.NOTHING;
        input.progress();
    }

    private void receiveBody() {
        if (asksToContinue) {
            asksToContinue = false;
            write(ByteBuffer.wrap(CONTINUE));
        }
        awaited = Awaited.BODY;
        boolean arrived;
        try {
            arrived = received.receive();
        } catch (DeadlineExceededException _) {
            throw new RequestFaultException(
                    RequestFault.timeout("the body did not arrive in time"));
        } finally {
            awaited = Awaited.NOTHING;
        }
        if (!arrived) {
            throw new Ended("the client left in the middle of a request");
        }
        input.progress(received.available());
    }

    /** The request before was answered. */
    private void endRequest() {
        if (!answering) {
            return;
        }
        boolean end = endsWithThisAnswer();
        MessageBody read = body;
        if (read != null) {
            read.fault().ifPresent(this::note);
        }
        input.progress();
        if (end) {
            throw new Ended("the connection ends with this answer");
        }
        answering = false;
        body = null;
    }

    /**
     * Whether no request is read after the one that is being answered, which its answer must say.
     * Takes the rest of its body if that has arrived.
     */
    boolean endsWithThisAnswer() {
        MessageBody present = body;
        boolean rest = present != null && !present.skip();
        unread = rest || !received.isEmpty();
        return rest || last || finishing;
    }

    private Ended refused(RequestFault fault, boolean toHead) {
        unread = true;
        write(fault.http1Response(!toHead));
        return new Ended("the request was refused");
    }

    private void note(RequestFault fault) {
        try {
            faults.note(ClientFaults.Kind.MALFORMED, endpoint.peer(), fault.detail());
        } catch (UncheckedIOException e) {
            throw new CloseConnectionException("the client is gone", e);
        }
    }

    /** RFC 9110, section 9.3.7. */
    private void answerOptions() {
        String connection = endsWithThisAnswer() ? "Connection: close\r\n" : "";
        String response =
                """
                HTTP/1.1 204 No Content\r
                Date: %s\r
                Allow: GET, HEAD, POST, DELETE, OPTIONS\r
                %s\r
                """
                        .formatted(DateTime.rfc1123String(), connection);
        write(ByteBuffer.wrap(Ascii.bytes(response)));
    }

    private void write(ByteBuffer bytes) {
        try {
            endpoint.write(bytes);
        } catch (UncheckedIOException e) {
            throw new CloseConnectionException("the client is gone", e);
        }
    }

    /** The body of the request that is being answered. */
    InputStream body() {
        MessageBody present = body;
        return present == null ? InputStream.nullInputStream() : present;
    }

    /** How long that is; empty if it comes in chunks. */
    OptionalLong announcedLength() {
        MessageBody present = body;
        return present == null ? OptionalLong.of(0) : present.announcedLength();
    }

    /** Has the thread that reads the body stop. Any thread. */
    void stopBody() {
        endpoint.expireInput();
    }

    /** The answer begins now, and the body is still to be read. */
    void answerEarly() {
        early = true;
    }

    /**
     * Whether the head of the answer must say that the connection ends with it. Takes the rest of
     * the body, as above.
     */
    boolean saysThatItEnds() {
        return !early && endsWithThisAnswer();
    }

    /** Whether the client understands chunks, in an answer to its request. */
    boolean understandsChunks() {
        return !http10;
    }

    /** All that comes now is for another engine, as it comes. */
    void upgrade() {
        upgraded = true;
    }

    /**
     * What has arrived behind the last head: for another protocol that goes on there. For one
     * thread, once the engine has let go.
     */
    byte[] takeReceived() {
        return received.takeAll();
    }

    /** What the connection waits for. Any thread. */
    Awaited awaited() {
        return awaited;
    }

    /** The connection ends after the request that it is at. Any thread. */
    void finish() {
        finishing = true;
    }

    /**
     * To be called when nothing more is read or written: lets a client that is still sending get
     * the last answer.
     */
    void drain() {
        if (unread) {
            endpoint.drain(MAX_DISCARDED_BYTES, MAX_DISCARDING);
        }
    }
}
