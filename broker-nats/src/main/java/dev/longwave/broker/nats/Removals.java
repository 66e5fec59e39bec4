package dev.longwave.broker.nats;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/** Finds out what may have been removed from the stream, by asking its leader. */
final class Removals {
    /*
     * What is removed is always the oldest: of the stream by age and bytes, of a topic by count.
     *
     * So as long as a topic has a message at or before a place, nothing of it behind that place is
     * missing. Failing that, nothing is if the stream's oldest message is not beyond the place, and
     * the topic has less messages than it may: for after a removal by count it has as many as it
     * may, and from then on, nothing else being removed, there are not less.
     *
     * Of a pattern, nothing behind a place is missing if the stream's oldest message is not beyond
     * it, and each topic that has as many as it may has one at or before it. To have lost messages
     * behind the place by count, a topic must have got more than it may since: if the whole stream
     * has not, no topic needs to be looked at. Most often that is so.
     *
     * In both cases it may be that nothing is missing, and none can tell.
     */
    private final StreamLeader leader;
    private final Stream stream;

    Removals(StreamLeader leader, Stream stream) {
        this.leader = leader;
        this.stream = stream;
    }

    /**
     * {@return the place up to which something may be missing after {@code sequence}, and behind
     * which nothing is; nothing if nothing is missing}
     */
    OptionalLong after(SubjectFilter filter, long sequence) {
        long whole = filter.isPattern() ? wholePattern(filter, sequence) : whole(filter, sequence);
        return whole > sequence ? OptionalLong.of(whole) : OptionalLong.empty();
    }

    private long whole(SubjectFilter filter, long sequence) {
        Optional<StoredMessage> oldest = leader.next(filter.subject(), 1);
        if (oldest.isPresent() && oldest.get().sequence() <= sequence + 1) {
            return sequence;
        }
        StreamFacts facts = stream.facts(filter.subject());
        if (facts.first() <= sequence + 1 && facts.full().isEmpty()) {
            return sequence;
        }
        return oldest.map(stored -> stored.sequence() - 1).orElse(facts.last());
    }

    private long wholePattern(SubjectFilter filter, long sequence) {
        StreamFacts facts = stream.facts();
        long whole = Math.max(sequence, facts.first() - 1);
        if (facts.hasGotFewSince(sequence)) {
            return whole;
        }
        StreamFacts counted = stream.facts(filter.subject());
        if (!counted.isCounted()) {
            return Math.max(whole, counted.last() - counted.countLimit());
        }
        for (Optional<StoredMessage> oldest : oldest(counted.full())) {
            whole = Math.max(whole, oldest.map(stored -> stored.sequence() - 1).orElse(whole));
        }
        return whole;
    }

    /** {@return whether nothing that was stored at {@code time} or later is missing} */
    boolean noneSince(SubjectFilter filter, Instant time) {
        if (!filter.isPattern()) {
            Optional<StoredMessage> oldest = leader.next(filter.subject(), 1);
            if (oldest.isPresent() && oldest.get().time().isBefore(time)) {
                return true;
            }
        }
        StreamFacts facts = stream.facts(filter.subject());
        return facts.isCounted()
                && facts.removedNoneByAgeSince(time)
                && oldest(facts.full()).stream()
                        .allMatch(
                                oldest -> oldest.isPresent() && oldest.get().time().isBefore(time));
    }

    private List<Optional<StoredMessage>> oldest(List<String> subjects) {
        return leader.ask(subjects.stream().map(subject -> StreamLeader.Query.next(subject, 1)).toList());
    }
}
