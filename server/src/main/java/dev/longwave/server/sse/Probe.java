package dev.longwave.server.sse;

import dev.longwave.server.http.Query;
import dev.longwave.server.net.Chunks;
import dev.longwave.server.net.ResponseStream;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.HexFormat;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * One probe stream: events at regular times, then perhaps heartbeats alone, then the end. It has
 * nothing to do with topics, and nothing in it needs a right.
 */
final class Probe {
    /*
     * An ID names the run and the event, so a client that reconnects goes on with the next event, on any node, and nothing
     * is kept of a probe. A run is a random number: a client that gets one twice was answered by a cache.
     */
    private static final System.Logger LOGGER = System.getLogger(Probe.class.getName());

    private static final int DEFAULT_EVENTS = 5;
    private static final int MAX_EVENTS = 20;
    private static final int DEFAULT_INTERVAL_MILLIS = 200;
    private static final int MAX_INTERVAL_MILLIS = 1_000;
    private static final int MAX_HOLD_SECONDS = 120;
    private static final Pattern ID = Pattern.compile("probe-([0-9a-f]{8})-([0-9]{1,2})");

    private final Plan plan;
    private final Duration heartbeatInterval;
    private final InstantSource clock;
    private final CountDownLatch ended = new CountDownLatch(1);

    /**
     * What a client asks for.
     *
     * @param events how many events the whole run has
     * @param interval the time before each of them
     * @param hold for how long the stream stays open after the last one, with heartbeats
     */
    record Plan(int events, Duration interval, Duration hold) {

        /**
         * {@return what {@code query} asks for}
         *
         * @throws dev.longwave.server.http.ProblemException if it is too much, or makes no sense
         */
        static Plan of(Query query) {
            return new Plan(
                    query.number("events", DEFAULT_EVENTS, MAX_EVENTS),
                    Duration.ofMillis(
                            query.number(
                                    "intervalMillis",
                                    DEFAULT_INTERVAL_MILLIS,
                                    MAX_INTERVAL_MILLIS)),
                    Duration.ofSeconds(query.number("holdSeconds", 0, MAX_HOLD_SECONDS)));
        }
    }

    /**
     * Where a probe is in its run.
     *
     * @param run which run it is, as eight hexadecimal digits
     * @param sequence the last event that the client has, 0 for none
     */
    record Place(String run, int sequence) {

        /** {@return the place that {@code lastEventId} names, or the beginning of a new run} */
        static Place after(String lastEventId) {
            Matcher id = ID.matcher(lastEventId);
            return id.matches()
                    ? new Place(id.group(1), Integer.parseInt(id.group(2)))
                    : new Place(
                            HexFormat.of().toHexDigits(ThreadLocalRandom.current().nextInt()), 0);
        }
    }

    /**
     * A probe that has not begun.
     *
     * @param heartbeatInterval that of this server's streams
     * @param clock tells the client the server's time
     */
    Probe(Plan plan, Duration heartbeatInterval, InstantSource clock) {
        this.plan = plan;
        this.heartbeatInterval = heartbeatInterval;
        this.clock = clock;
    }

    /** Ends it soon. Any thread. */
    void end() {
        ended.countDown();
    }

    /**
     * Writes the stream to its end.
     *
     * @param request what the server knows of the request: members of a JSON object
     * @return whether it was completed, rather than given up because the client is gone
     */
    boolean serve(ResponseStream stream, Place from, String request) {
        stream.endpoint().onReset(this::end);
        try {
            write(stream, from, request);
            return true;
        } catch (RuntimeException e) {
            LOGGER.log(System.Logger.Level.TRACE, "a probe ended: the client is gone", e);
            return false;
        } finally {
            stream.endpoint().close();
        }
    }

    private void write(ResponseStream stream, Place from, String request) {
        long began = System.nanoTime();
        String path = "{\"run\":\"%s\",%s,%s}".formatted(from.run(), request, times(0));
        write(stream, stream.head(), block("path", from.run(), from.sequence(), path));
        for (int next = from.sequence() + 1;
                next <= plan.events() && isToGoOn(plan.interval());
                next++) {
            String data = "{\"sequence\":%d,%s}".formatted(next, times(System.nanoTime() - began));
            write(stream, new byte[0], block("probe", from.run(), next, data));
        }
        hold(stream);
        // The "end" tells a client that nobody has cut the stream.
        String end = "event: end\ndata: {%s}\n\n".formatted(times(System.nanoTime() - began));
        write(stream, new byte[0], end);
        if (stream.chunked()) {
            stream.endpoint().write(ByteBuffer.wrap(Chunks.LAST));
        }
    }

    private void hold(ResponseStream stream) {
        Duration left = plan.hold();
        while (left.compareTo(heartbeatInterval) > 0) {
            if (!isToGoOn(heartbeatInterval)) {
                return;
            }
            write(stream, new byte[0], HeartbeatFormat.COMMENT);
            left = left.minus(heartbeatInterval);
        }
        var _ = left.isPositive() && isToGoOn(left);
    }

    private boolean isToGoOn(Duration after) {
        try {
            return !ended.await(after.toNanos(), TimeUnit.NANOSECONDS);
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    private String times(long sinceBegin) {
        Instant now = clock.instant().truncatedTo(ChronoUnit.MILLIS);
        return "\"sentMillis\":%d,\"time\":\"%s\""
                .formatted(TimeUnit.NANOSECONDS.toMillis(sinceBegin), now);
    }

    private static String block(String type, String run, int sequence, String data) {
        return "id: probe-%s-%d\nevent: %s\ndata: %s\n\n".formatted(run, sequence, type, data);
    }

    private static void write(ResponseStream stream, byte[] head, String lines) {
        var batch = new SseBatch(stream.chunked(), Heartbeats.COMMENTS, "");
        batch.addLines(lines);
        ByteBuffer body = batch.bytes();
        stream.endpoint()
                .write(
                        head.length == 0
                                ? body
                                : ByteBuffer.allocate(head.length + body.remaining())
                                        .put(head)
                                        .put(body)
                                        .flip());
    }
}
