package dev.longwave.server.net.helidon;

import dev.longwave.server.net.ClientFaults;
import dev.longwave.server.net.RequestFault;
import dev.longwave.server.net.RequestFaultException;
import java.util.Optional;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.IntConsumer;

/**
 * Decides what the engine sees of the streams of one HTTP/2 connection. For the thread that reads
 * the connection, where nothing else is said.
 */
final class StreamGuard {
    /*
     * The engine is told the end of each request that it has seen the head of, once: by END_STREAM, or by
     * RST_STREAM if the rest will not come.
     *
     * Helidon does not tell the handler of a stream that the client has reset it, and ends the whole connection
     * if a stream is reset that is over, which RFC 9113, section 5.1, says to ignore. So `onReset` is told of
     * resets, and the engine only of those of requests whose rest it awaits.
     *
     * A request that is refused is answered through the engine nevertheless, as it has the flow control and the
     * compression of responses: it is handed a request for nothing in its place, and the first filter of the
     * routes answers that with what was wrong (HelidonEngines). The rest of such a request is discarded here, as
     * is what follows an early answer, and what the client has spent on it of the connection's window is given
     * back. Helidon waits for such a rest for ever.
     */
    private static final int GIVEN_BACK_AT_ONCE = 16 << 10;
    private static final long REST_MILLIS = 1_000;

    /** What the engine is handed in place of a request that is refused. */
    private static final byte[] NOTHING =
            new LiteralHeaders()
                    .add(":method", "GET")
                    .add(":scheme", "http")
                    .add(":path", "/")
                    .add(":authority", "localhost")
                    .bytes();

    private final GuardedStreams streams;
    private final ConnectionWindows windows;
    private final FloodCounter floods;
    private final EngineFeed engine;
    private final Consumer<byte[]> client;
    private final IntConsumer onReset;
    private final BiConsumer<ClientFaults.Kind, String> faults;
    private int discarded; // bytes that were not given back yet

    StreamGuard(
            GuardedStreams streams,
            ConnectionWindows windows,
            FloodCounter floods,
            EngineFeed engine,
            Consumer<byte[]> client,
            IntConsumer onReset,
            BiConsumer<ClientFaults.Kind, String> faults) {
        this.streams = streams;
        this.windows = windows;
        this.floods = floods;
        this.engine = engine;
        this.client = client;
        this.onReset = onReset;
        this.faults = faults;
    }

    /** The first stream is the request that asked for the upgrade: RFC 7540, section 3.2. */
    void upgraded() {
        streams.begin(1);
        streams.add(GuardedStream.passed(1, Http2Head.inPlace(NOTHING), true));
    }

    /** Tells the engine what has happened to its streams besides what the client sends. */
    void tellEngine() {
        Integer id;
        while ((id = streams.nextGivenUp()) != null) {
            engine.reset(id);
        }
        GuardedStream stream;
        while ((stream = streams.nextResetByEngine()) != null) {
            if (!stream.isReset()) {
                end(stream, RecentResets.By.SERVER);
                floods.count(FloodCounter.Kind.RESET);
            }
        }
    }

    /** A header block that is whole, of a request or of trailers. */
    void headers(HeaderBlock block, HeaderDecoder.Decoded decoded) {
        int id = block.streamId();
        if (id % 2 == 0) {
            throw new ConnectionFault(Http2Error.PROTOCOL_ERROR, "a client's stream is even");
        }
        if (id > streams.lastId()) {
            streams.begin(id);
            request(block, decoded);
            return;
        }
        Optional<GuardedStream> open = open(id);
        if (open.isPresent()) {
            trailers(open.get(), block, decoded);
        } else if (id != streams.lastId() && streams.resets().find(id).isEmpty()) {
            throw new ConnectionFault(Http2Error.PROTOCOL_ERROR, "a stream's ID is too low");
        } else {
            closed(id);
        }
    }

    private void request(HeaderBlock block, HeaderDecoder.Decoded decoded) {
        int id = block.streamId();
        if (block.dependsOnItself()) {
            reset(id, Http2Error.PROTOCOL_ERROR, "a stream depends on itself");
            return;
        }
        if (!streams.hasRoom()) { // Helidon ends the connection
            reset(id, Http2Error.REFUSED_STREAM, "too many streams");
            return;
        }
        try {
            Http2Head head = Http2Fields.read(decoded);
            if (block.endsStream() && head.contentLength() > 0) {
                throw new MalformedRequest("the body is shorter than content-length says");
            }
            hand(GuardedStream.passed(id, head, block.endsStream()), head);
        } catch (MalformedRequest e) {
            refuse(block, decoded, RequestFault.malformed(e.words()), Http2Error.PROTOCOL_ERROR);
        } catch (RequestFaultException e) {
            refuse(block, decoded, e.fault(), Http2Error.NO_ERROR);
        }
    }

    private void hand(GuardedStream stream, Http2Head head) {
        tellEngine(); // it has room for this one when it has let go of those that are over
        streams.add(stream);
        engine.headers(stream.id(), head.block(), !head.hasContent() || !stream.isArriving());
    }

    private void refuse(
            HeaderBlock block,
            HeaderDecoder.Decoded decoded,
            RequestFault fault,
            Http2Error reset) {
        faults.accept(ClientFaults.Kind.MALFORMED, fault.detail());
        var refusal =
                new GuardedStream.Refusal(fault, Http2Fields.areOfHead(decoded.fields()), reset);
        hand(
                GuardedStream.refused(block.streamId(), refusal, block.endsStream()),
                Http2Head.inPlace(NOTHING));
    }

    private void trailers(GuardedStream stream, HeaderBlock block, HeaderDecoder.Decoded decoded) {
        if (!stream.isArriving()) {
            afterEnd(stream);
        } else if (!block.endsStream()) {
            reset(stream, Http2Error.PROTOCOL_ERROR, "trailers do not end the stream");
        } else if (decoded.fields().stream().anyMatch(HeaderField::isPseudo)) {
            reset(stream, Http2Error.PROTOCOL_ERROR, "trailers have a pseudo-header");
        } else if (!stream.counts(0, true)) {
            reset(stream, Http2Error.PROTOCOL_ERROR, "a body is not as long as announced");
        } else if (stream.isDiscarding()) {
            if (stream.end()) {
                engine.reset(stream.id());
            }
        } else if (stream.end()) {
            engine.add(Frame.endOfStream(stream.id())); // nobody asks for trailers
        }
    }

    void data(Frame frame) {
        int id = frame.streamId();
        checkNotIdle(id);
        int length = frame.length();
        if (!windows.received(length)) {
            throw new ConnectionFault(
                    Http2Error.FLOW_CONTROL_ERROR, "more data than the connection's window");
        }
        Optional<GuardedStream> open = open(id);
        if (open.isPresent()) {
            data(open.get(), frame);
        } else {
            giveBack(length);
            closed(id);
        }
    }

    private void data(GuardedStream stream, Frame frame) {
        boolean end = frame.has(Frame.END_STREAM);
        int length = FrameRules.dataLength(frame);
        if (length == 0 && !end) {
            floods.count(FloodCounter.Kind.EMPTY_DATA);
        }
        if (!stream.isArriving()) {
            giveBack(frame.length());
            afterEnd(stream);
        } else if (!stream.counts(length, end)) {
            giveBack(frame.length());
            reset(stream, Http2Error.PROTOCOL_ERROR, "a body is not as long as announced");
        } else if (stream.isDiscarding()) {
            giveBack(frame.length());
            if (end && stream.end()) {
                engine.reset(stream.id());
            }
        } else if (end || frame.length() > 0) { // Helidon ends the connection for a few empty ones
            engine.pass(frame);
            if (end) {
                var _ = stream.end();
            }
        }
    }

    /** The client resets a stream. */
    void clientReset(int id) {
        checkNotIdle(id);
        floods.count(FloodCounter.Kind.RESET);
        open(id).ifPresent(stream -> {
            if (engine.cancel(id)) {
                streams.cancel(stream);
                streams.resets().add(id, RecentResets.By.CLIENT);
            } else {
                end(stream, RecentResets.By.CLIENT);
            }
        });
    }

    void windowUpdate(Frame frame) {
        int id = frame.streamId();
        int increment = frame.int31(0);
        if (id == 0) {
            if (increment == 0) {
                throw new ConnectionFault(Http2Error.PROTOCOL_ERROR, "an increment of 0");
            }
            if (!windows.opened(increment)) {
                throw new ConnectionFault(
                        Http2Error.FLOW_CONTROL_ERROR, "the connection's window is too large");
            }
            engine.pass(frame);
            return;
        }
        checkNotIdle(id);
        open(id).ifPresent(stream -> {
            if (increment == 0) { // Helidon goes on with the stream
                reset(stream, Http2Error.PROTOCOL_ERROR, "an increment of 0");
            } else {
                stream.opened(increment);
                engine.pass(frame);
            }
        });
    }

    /** Priorities are ignored: RFC 9113, section 5.3.2. But not all that is wrong with them. */
    void priority(Frame frame) {
        int id = frame.streamId();
        if (!FrameRules.isWholePriority(frame)) {
            streamError(id, Http2Error.FRAME_SIZE_ERROR, "PRIORITY is not as long as it must be");
        } else if (frame.int31(0) == id) {
            streamError(id, Http2Error.PROTOCOL_ERROR, "a stream depends on itself");
        }
    }

    private void streamError(int id, Http2Error error, String words) {
        if (streams.isIdle(id)) {
            throw new ConnectionFault(error, words); // an idle stream cannot be reset
        }
        Optional<GuardedStream> open = open(id);
        if (open.isPresent()) {
            reset(open.get(), error, words);
        } else {
            reset(id, error, words);
        }
    }

    private Optional<GuardedStream> open(int id) {
        return streams.find(id).filter(stream -> !stream.isReset());
    }

    private void checkNotIdle(int id) {
        if (streams.isIdle(id)) {
            throw new ConnectionFault(Http2Error.PROTOCOL_ERROR, "a frame on an idle stream");
        }
    }

    /** A part of a request that has already ended. */
    private void afterEnd(GuardedStream stream) {
        if (stream.isClosed()) {
            throw new ConnectionFault(Http2Error.STREAM_CLOSED, "a frame on a closed stream");
        }
        reset(stream, Http2Error.STREAM_CLOSED, "a frame after the end of a request");
    }

    /** A part of a request on a stream that is no longer: RFC 9113, section 5.1. */
    private void closed(int id) {
        floods.count(FloodCounter.Kind.CLOSED_STREAM);
        RecentResets.By by =
                streams.resets()
                        .find(id)
                        .orElseThrow(() ->
                                new ConnectionFault(
                                        Http2Error.STREAM_CLOSED, "a frame on a closed stream"));
        if (by == RecentResets.By.CLIENT) {
            client.accept(Frame.reset(id, Http2Error.STREAM_CLOSED));
        }
    }

    /** Resets a stream that the engine is at. */
    private void reset(GuardedStream stream, Http2Error error, String words) {
        end(stream, RecentResets.By.SERVER);
        reset(stream.id(), error, words);
    }

    /** Resets a stream that it is not at. */
    private void reset(int id, Http2Error error, String words) {
        streams.resets().add(id, RecentResets.By.SERVER);
        client.accept(Frame.reset(id, error));
        faults.accept(ClientFaults.Kind.MALFORMED, words);
        floods.count(FloodCounter.Kind.RESET);
    }

    private void end(GuardedStream stream, RecentResets.By by) {
        int id = stream.id();
        streams.resets().add(id, by);
        if (stream.reset()) {
            engine.reset(id);
        }
        onReset.accept(id);
    }

    private void giveBack(int bytes) {
        discarded += bytes;
        if (discarded >= GIVEN_BACK_AT_ONCE) {
            client.accept(Frame.windowUpdate(0, discarded));
            discarded = 0;
        }
    }

    /**
     * A request has been handled. Waits for its rest, but not for long: a client which has sent it
     * anyway sees no reset, and one that has not, sees the answer before the reset (curl takes the
     * other order for a failure). Then asks the client to stop: RFC 9113, section 8.1. For the
     * stream's thread.
     *
     * @param answered false if the engine will reset the stream
     * @return whether the engine would wait for the rest
     */
    boolean answered(GuardedStream stream, boolean answered) {
        GuardedStream.Refusal refusal = stream.refusal();
        Http2Error error = refusal == null ? Http2Error.NO_ERROR : refusal.reset();
        boolean rest = stream.discard();
        if (rest && answered && error == Http2Error.NO_ERROR) {
            rest = !stream.awaitEnd(REST_MILLIS);
        }
        if (stream.isReset() || (!rest && error == Http2Error.NO_ERROR)) {
            return false;
        }
        boolean awaited = giveUp(stream);
        if (answered) {
            client.accept(Frame.reset(stream.id(), error));
        }
        return awaited;
    }

    /** The engine is done with a stream. For the stream's thread. */
    void handled(GuardedStream stream) {
        if (stream.isArriving()) {
            var _ = giveUp(stream);
            client.accept(Frame.reset(stream.id(), Http2Error.NO_ERROR));
        }
        streams.remove(stream);
    }

    /** Whether the engine is to be told. */
    private boolean giveUp(GuardedStream stream) {
        streams.resets().add(stream.id(), RecentResets.By.SERVER);
        boolean awaited = stream.reset();
        if (awaited) {
            streams.giveUp(stream.id());
        }
        return awaited;
    }
}
