package dev.longwave.server.explain;

import dev.longwave.server.auth.RefusedRead;
import dev.longwave.server.session.EndedStream;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.stream.Stream;

/**
 * Keeps the streams that have ended on this node, and the subscriptions that it has refused: the
 * latest of them, in bounded memory. Safe for many threads.
 */
public final class FlightRecorder implements Consumer<EndedStream> {
    /*
     * It is told of what is rare: the end of a stream, and a refusal. What happens to a stream while it is open is in
     * its outbox, and is read there: docs/adr/0034.
     *
     * Clients can cause as many refusals as they like, and each request of long polling is a stream that ends at once
     * on a busy topic. So both have a part of the memory for themselves, and cannot displace the other streams.
     */
    private static final int PARTS = 8;

    private final InstantSource clock;
    private final Instant began;
    private final Recent<RecordedStream> streams; // all but polls
    private final Recent<RecordedStream> polls;
    private final Recent<RefusedRead> refusals;

    /**
     * A recorder with nothing in it.
     *
     * @param maxBytes how much memory it may take; 0 to keep nothing
     */
    public FlightRecorder(long maxBytes, InstantSource clock) {
        this.clock = clock;
        this.began = clock.instant();
        long part = maxBytes / PARTS;
        this.streams = recent(maxBytes - 2 * part);
        this.polls = recent(part);
        this.refusals = new Recent<>(part, FlightRecorder::bytes, RefusedRead::at);
    }

    private static Recent<RecordedStream> recent(long maxBytes) {
        return new Recent<>(
                maxBytes,
                RecordedStream::bytes,
                stream -> stream.ended() == null ? Instant.MAX : stream.ended().at());
    }

    private static long bytes(RefusedRead refused) {
        return 240
                + 2L * refused.subject().length()
                + refused.topics().stream().mapToLong(topic -> 64 + 2L * topic.length()).sum();
    }

    @Override
    public void accept(EndedStream stream) {
        var recorded = RecordedStream.ended(stream, clock.instant());
        (recorded.isPoll() ? polls : streams).add(recorded);
    }

    /** Keeps a refusal. */
    public void refused(RefusedRead refused) {
        refusals.add(refused);
    }

    /** {@return the streams of {@code client} that have ended, in no order} */
    List<RecordedStream> ended(Client client) {
        Predicate<RecordedStream> its = stream -> client.has(stream.connection(), stream.subject());
        return Stream.concat(streams.find(its).stream(), polls.find(its).stream()).toList();
    }

    /** {@return the refusals that {@code which} selects, the latest first} */
    List<RefusedRead> refusals(Predicate<RefusedRead> which) {
        return refusals.find(which);
    }

    /** {@return since when nothing of what it is told of was forgotten} */
    Instant since() {
        Instant since = Times.later(began, streams.forgottenUntil());
        return Times.later(Times.later(since, polls.forgottenUntil()), refusals.forgottenUntil());
    }
}
