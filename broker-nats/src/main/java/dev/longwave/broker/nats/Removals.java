package dev.longwave.broker.nats;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/** Finds out what may have been removed from the stream, by asking its leader. */
final class Removals {
    /*
     * The stream always removes the oldest messages: of all topics by age and by bytes, and of one
     * topic by count.
     *
     * So while a topic has a message at or before a sequence, none of its messages after that
     * sequence is missing. Otherwise, none is missing if the stream's oldest message is not after the
     * sequence, and the topic has fewer messages than its limit: a removal by count leaves as many as
     * the limit, and as long as nothing else is removed, their number does not fall.
     *
     * Of a pattern, none is missing after a sequence if the stream's oldest message is not after it,
     * and each topic at its limit has a message at or before it. To lose messages after the sequence by
     * count, a topic must have received more than its limit since: if the whole stream has not, no
     * topic needs to be looked at. Mostly this is the case.
     *
     * When neither can be proven, nothing may be missing all the same; the servers cannot tell.
     */
    private final StreamLeader leader;
    private final Stream stream;

    Removals(StreamLeader leader, Stream stream) {
        this.leader = leader;
        this.stream = stream;
    }

    /**
     * {@return the sequence up to which messages after {@code sequence} may be missing, and after
     * which none is; empty if none is missing}
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

    /** {@return whether no message that was stored at {@code time} or later is missing} */
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
        return leader.ask(
                subjects.stream().map(subject -> StreamLeader.Query.next(subject, 1)).toList());
    }
}
