package dev.longwave.broker.nats;

import dev.longwave.broker.Entry;
import dev.longwave.broker.feed.ForeignEntries;
import java.time.Instant;
import java.time.temporal.ChronoUnit;

/** Makes entries of the stream's messages. Safe for many threads. */
final class Entries {
    /*
     * Other applications publish to the stream, too. What breaks a rule is skipped: see ForeignEntries.
     * What marks a deletion or is a probe (see Publisher) is skipped without a word.
     */
    private final Subjects subjects;
    private final ForeignEntries foreign;

    Entries(Subjects subjects, int maxMessageBytes) {
        this.subjects = subjects;
        this.foreign = new ForeignEntries("nats", maxMessageBytes);
    }

    /** {@return the entry for readers of the topic} */
    Entry ofTopic(StoredMessage stored, long epoch) {
        return stored.marksDeletion()
                ? skipped(stored, epoch)
                : foreign.entry(stored.position(epoch), time(stored), stored.message(), null);
    }

    /** {@return the entry for readers of a pattern} */
    Entry ofPattern(StoredMessage stored, long epoch) {
        if (stored.marksDeletion() || stored.subject().equals(subjects.probe())) {
            return skipped(stored, epoch);
        }
        // An empty topic breaks a rule.
        String topic = subjects.topic(stored.subject()).orElse("");
        return foreign.entry(stored.position(epoch), time(stored), stored.message(), topic);
    }

    private static Entry skipped(StoredMessage stored, long epoch) {
        return Entry.skipped(stored.position(epoch), time(stored));
    }

    private static Instant time(StoredMessage stored) {
        return stored.time().truncatedTo(ChronoUnit.MILLIS);
    }
}
