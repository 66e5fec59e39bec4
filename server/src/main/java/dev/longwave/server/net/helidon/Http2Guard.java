package dev.longwave.server.net.helidon;

import dev.longwave.server.net.ClientFaults;
import io.helidon.common.buffers.DataReader;
import io.helidon.webserver.CloseConnectionException;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.IntConsumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Stands in front of Helidon's HTTP/2 engine: reads what a client sends, frame by frame, and lets
 * the engine see what it can deal with.
 *
 * <p>What is wrong with one request ends its stream and no other: by an answer, or by a reset. What
 * is wrong with the connection, and floods, end it with GOAWAY.
 *
 * <p>For the thread that reads the connection, where nothing else is said.
 */
final class Http2Guard {
    /*
     * What the engine sees: SETTINGS, PING, and WINDOW_UPDATE that are right; the header block of each
     * request in one HEADERS frame without compression; the DATA that its stream awaits; see StreamGuard.
     * What in Helidon 4.5.0 makes this necessary is in docs/adr/0019.
     */
    private final FrameReader reader = new FrameReader();
    private final HeaderDecoder decoder = new HeaderDecoder();
    private final EngineFeed engine = new EngineFeed();
    private final GuardedStreams streams;
    private final ConnectionWindows windows;
    private final FloodCounter floods;
    private final Consumer<byte[]> client;
    private final BiConsumer<ClientFaults.Kind, String> faults;
    private final StreamGuard guard;

    private @Nullable HeaderBlock block; // that has begun
    private boolean greeted; // the client has sent its settings
    private boolean over;
    private volatile boolean awaitsRest;

    /**
     * @param client is sent whole frames
     * @param onReset is told of streams that were reset while the engine is at them
     * @param faults is told, in words, what the client did wrong
     */
    Http2Guard(
            GuardedStreams streams,
            ConnectionWindows windows,
            FloodCounter floods,
            Consumer<byte[]> client,
            IntConsumer onReset,
            BiConsumer<ClientFaults.Kind, String> faults) {
        this.streams = streams;
        this.windows = windows;
        this.floods = floods;
        this.client = client;
        this.faults = faults;
        this.guard = new StreamGuard(streams, windows, floods, engine, client, onReset, faults);
    }

    /** The streams of the connection. */
    StreamGuard streamGuard() {
        return guard;
    }

    /**
     * What the engine sees of what {@code source} has, as it comes; throws at the end, which
     * Helidon takes for a fault of its own where it awaits a preface.
     */
    Supplier<byte[]> guarding(DataReader source) {
        return () -> {
            byte[] seen = changes();
            while (seen.length == 0) {
                byte @Nullable [] bytes = over ? null : Remaining.of(source);
                if (bytes == null) {
                    throw new CloseConnectionException("the client sends no more frames");
                }
                seen = read(bytes);
            }
            return seen;
        };
    }

    /** What the engine is to be told before the client sends more. */
    private byte[] changes() {
        try {
            guard.tellEngine();
        } catch (ConnectionFault e) {
            end(e);
        }
        return engine.take();
    }

    /** What the engine sees of {@code bytes}. */
    byte[] read(byte[] bytes) {
        try {
            guard.tellEngine();
            reader.read(bytes, this::frame);
        } catch (ConnectionFault e) {
            end(e);
        }
        awaitsRest = reader.isWithinFrame() || block != null;
        return engine.take();
    }

    /** Whether the connection has ended, as far as the client is concerned. */
    boolean isOver() {
        return over;
    }

    /** Whether a frame, or a header block, has not arrived whole. Any thread. */
    boolean awaitsRest() {
        return awaitsRest;
    }

    private void end(ConnectionFault fault) {
        over = true;
        String words = String.valueOf(fault.getMessage());
        faults.accept(
                fault.error() == Http2Error.ENHANCE_YOUR_CALM
                        ? ClientFaults.Kind.FLOOD
                        : ClientFaults.Kind.MALFORMED,
                words);
        client.accept(Frame.goAway(streams.lastId(), fault.error(), words));
    }

    private void frame(Frame frame) {
        checkOrder(frame);
        FrameRules.check(frame);
        switch (frame.type()) {
            case Frame.DATA -> guard.data(frame);
            case Frame.HEADERS -> headers(new HeaderBlock(frame), frame);
            case Frame.CONTINUATION -> continuation(frame);
            case Frame.PRIORITY -> {
                floods.count(FloodCounter.Kind.IGNORED);
                guard.priority(frame);
            }
            case Frame.RST_STREAM -> guard.clientReset(frame.streamId());
            case Frame.SETTINGS -> settings(frame);
            case Frame.PING -> ping(frame);
            case Frame.GOAWAY -> goAway(frame);
            case Frame.WINDOW_UPDATE -> guard.windowUpdate(frame);
            default -> floods.count(FloodCounter.Kind.IGNORED);
        }
    }

    private void checkOrder(Frame frame) {
        HeaderBlock begun = block;
        boolean right;
        if (begun != null) {
            right = frame.type() == Frame.CONTINUATION && frame.streamId() == begun.streamId();
        } else {
            boolean settings = frame.type() == Frame.SETTINGS && !frame.has(Frame.ACK);
            right = frame.type() != Frame.CONTINUATION && (greeted || settings);
        }
        if (!right) {
            throw new ConnectionFault(
                    Http2Error.PROTOCOL_ERROR, "a frame of another type has to come first");
        }
    }

    private void continuation(Frame frame) {
        floods.count(FloodCounter.Kind.CONTINUATION);
        HeaderBlock begun = block;
        if (begun != null) {
            begun.add(frame);
            headers(begun, frame);
        }
    }

    /** Goes on when {@code last} ends the block. */
    private void headers(HeaderBlock begun, Frame last) {
        if (!last.has(Frame.END_HEADERS)) {
            block = begun;
            return;
        }
        block = null;
        guard.headers(begun, decoder.decode(begun.streamId(), begun.bytes()));
    }

    private void settings(Frame frame) {
        floods.count(FloodCounter.Kind.SETTINGS);
        if (frame.has(Frame.ACK)) {
            return;
        }
        var settings = ClientSettings.of(frame);
        windows.set(settings);
        if (!greeted) {
            greeted = true;
            client.accept(ConnectProtocol.SETTINGS);
            engine.add(FrameReader.PREFACE);
        }
        engine.add(settings.known());
    }

    private void ping(Frame frame) {
        floods.count(FloodCounter.Kind.PING);
        if (!frame.has(Frame.ACK)) {
            engine.pass(frame);
        }
    }

    /**
     * A client that goes away without an error still wants its answers; Helidon ends the
     * connection.
     */
    private void goAway(Frame frame) {
        if (frame.uint32(Integer.BYTES) != Http2Error.NO_ERROR.code()) {
            engine.pass(frame);
        }
    }
}
