package dev.longwave.cli;

import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpResponse;
import java.net.http.HttpTimeoutException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/** A response, read as an event stream, with the times at which its parts came. For one thread. */
final class DoctorStream implements AutoCloseable {

    private static final int MAX_EVENTS = 1_000;

    private final HttpResponse<StreamBody> response;
    private final long requested;
    private final long answered;
    private final EventStreamParser parser;
    private final List<Arrival> arrivals = new ArrayList<>();
    private long lastByte;
    private long longestSilence; // between two pieces, in nanoseconds
    private int silentPieces; // those without an event, such as heartbeats
    private State state = State.OPEN;

    /** Whether the stream goes on. */
    enum State {
        OPEN,
        /** It has ended as it should. */
        ENDED,
        /** The connection broke. */
        BROKEN
    }

    /**
     * An event.
     *
     * @param after how long after the request it came
     */
    record Arrival(ServerSentEvent event, Duration after) {}

    /**
     * A stream of which nothing but the head is known.
     *
     * @param requested when the request was sent, as {@link System#nanoTime}
     */
    DoctorStream(HttpResponse<StreamBody> response, long requested, String lastEventId) {
        this.response = response;
        this.requested = requested;
        this.answered = System.nanoTime();
        this.lastByte = answered;
        this.parser = new EventStreamParser(lastEventId);
    }

    int status() {
        return response.statusCode();
    }

    String header(String name) {
        return String.join(", ", response.headers().allValues(name));
    }

    /** {@return how often the field is there} */
    int count(String name) {
        return response.headers().allValues(name).size();
    }

    /** {@return the version of HTTP, such as {@code HTTP/2}} */
    String protocol() {
        return response.version() == HttpClient.Version.HTTP_2 ? "HTTP/2" : "HTTP/1.1";
    }

    /** {@return how long the head of the answer took, with connecting} */
    Duration headAfter() {
        return Duration.ofNanos(answered - requested);
    }

    /**
     * Reads until {@code enough} holds for an event, or the stream ends, or {@code within} is over.
     *
     * @return whether {@code enough} held
     */
    boolean read(Duration within, Predicate<ServerSentEvent> enough) throws InterruptedException {
        long deadline = System.nanoTime() + within.toNanos();
        while (state == State.OPEN && arrivals.size() < MAX_EVENTS) {
            long left = deadline - System.nanoTime();
            if (left <= 0) {
                return false;
            }
            if (readPiece(Duration.ofNanos(left)).stream().anyMatch(enough)) {
                return true;
            }
        }
        return false;
    }

    private List<ServerSentEvent> readPiece(Duration within) throws InterruptedException {
        List<ByteBuffer> pieces;
        List<ServerSentEvent> events = new ArrayList<>();
        try {
            pieces = response.body().next(within);
            if (pieces.isEmpty()) {
                state = State.ENDED;
                return List.of();
            }
            note();
            for (ByteBuffer piece : pieces) {
                events.addAll(parser.parse(piece));
            }
        } catch (HttpTimeoutException _) {
            return List.of();
        } catch (IOException _) {
            state = State.BROKEN;
            return List.of();
        }
        Duration after = Duration.ofNanos(lastByte - requested);
        events.forEach(event -> arrivals.add(new Arrival(event, after)));
        if (events.isEmpty()) {
            silentPieces++;
        }
        return events;
    }

    private void note() {
        long now = System.nanoTime();
        longestSilence = Math.max(longestSilence, now - lastByte);
        lastByte = now;
    }

    State state() {
        return state;
    }

    List<Arrival> arrivals() {
        return arrivals;
    }

    /** {@return the ID to reconnect with, empty for none} */
    String lastEventId() {
        return parser.lastEventId();
    }

    /** {@return how many pieces came that completed no event, such as heartbeats} */
    int silentPieces() {
        return silentPieces;
    }

    /** {@return the longest time without a byte that was followed by one} */
    Duration longestSilence() {
        return Duration.ofNanos(longestSilence);
    }

    /** {@return how long ago the last byte came} */
    Duration silence() {
        return Duration.ofNanos(System.nanoTime() - lastByte);
    }

    /** Ends the stream, as a client that leaves does. */
    @Override
    public void close() {
        response.body().cancel();
    }
}
