package dev.longwave.server.explain;

import dev.longwave.server.auth.RefusedRead;
import dev.longwave.server.session.EndedStream;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Predicate;

/**
 * Keeps the streams that have ended on this node, and the subscriptions that it has refused: the
 * latest of them, in bounded memory. Safe for many threads.
 */
public final class FlightRecorder implements Consumer<EndedStream> {
    /*
     * It is told of what is rare: the end of a stream, and a refusal. What happens to a stream while it is open is in
     * its outbox, and is read there: docs/adr/0034.
     *
     * Clients can cause as many refusals as they like, so these have a part of the memory for themselves.
     */
    private static final int PARTS = 8;

    private final InstantSource clock;
    private final Instant began;
    private final Recent<RecordedStream> streams;
    private final Recent<RefusedRead> refusals;

    /**
     * A recorder with nothing in it.
     *
     * @param maxBytes how much memory it may take; 0 to keep nothing
     */
    public FlightRecorder(long maxBytes, InstantSource clock) {
        this.clock = clock;
        this.began = clock.instant();
        long forRefusals = maxBytes / PARTS;
        this.streams =
                new Recent<>(
                        maxBytes - forRefusals,
                        RecordedStream::bytes,
                        stream -> stream.ended() == null ? Instant.MAX : stream.ended().at());
        this.refusals = new Recent<>(forRefusals, FlightRecorder::bytes, RefusedRead::at);
    }

    private static long bytes(RefusedRead refused) {
        return 240
                + 2L * refused.subject().length()
                + refused.topics().stream().mapToLong(topic -> 64 + 2L * topic.length()).sum();
    }

    @Override
    public void accept(EndedStream stream) {
        streams.add(RecordedStream.ended(stream, clock.instant()));
    }

    /** Keeps a refusal. */
    public void refused(RefusedRead refused) {
        refusals.add(refused);
    }

    /** {@return the streams of {@code client} that have ended, the latest first} */
    List<RecordedStream> ended(Client client) {
        return streams.find(stream -> client.has(stream.connection(), stream.subject()));
    }

    /** {@return the refusals that {@code which} selects, the latest first} */
    List<RefusedRead> refusals(Predicate<RefusedRead> which) {
        return refusals.find(which);
    }

    /** {@return since when nothing of what it is told of was forgotten} */
    Instant since() {
        return Times.later(Times.later(began, streams.forgottenUntil()), refusals.forgottenUntil());
    }
}
