package dev.longwave.server.explain;

import dev.longwave.core.CloseReason;
import dev.longwave.core.Progress;
import dev.longwave.core.StreamReport;
import dev.longwave.server.session.EndedStream;
import dev.longwave.server.session.Session;
import dev.longwave.server.session.Sink;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A stream, open or ended.
 *
 * @param connection its ID
 * @param transport the word for its kind
 * @param subject who its client is; null if it has not signed in
 * @param opened when it began
 * @param ended how it ended; null if it is open
 */
record RecordedStream(
        String connection,
        String transport,
        @Nullable String subject,
        Instant opened,
        @Nullable End ended,
        StreamReport report) {

    /** When a stream ended, and why. */
    record End(Instant at, CloseReason reason) {}

    // What records, instants, positions, and lists take on a 64-bit JVM, rounded up.
    private static final int STREAM_BYTES = 320;
    private static final int TOPIC_BYTES = 280;
    private static final int MARK_BYTES = 300;

    static RecordedStream open(Session session, Instant now) {
        return new RecordedStream(
                session.connection(),
                session.transport(),
                session.credential().subject(),
                now.minus(session.age()),
                null,
                session.report());
    }

    static RecordedStream ended(EndedStream stream, Instant now) {
        return new RecordedStream(
                stream.connection(),
                stream.transport(),
                stream.subject(),
                now.minus(stream.lasted()),
                new End(now, stream.reason()),
                stream.report());
    }

    /** Whether it is one request of long polling. */
    boolean isPoll() {
        return transport.equals(Sink.POLL);
    }

    /** How much memory it takes, at most. */
    long bytes() {
        long bytes = STREAM_BYTES + (subject == null ? 0 : 2L * subject.length());
        for (Progress progress : report.topics()) {
            bytes += TOPIC_BYTES + 2L * progress.topic().length();
        }
        return bytes
                + report.marks().stream()
                        .mapToLong(mark -> MARK_BYTES + 2L * mark.topic().length())
                        .sum();
    }
}
