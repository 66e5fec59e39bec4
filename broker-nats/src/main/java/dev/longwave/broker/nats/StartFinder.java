package dev.longwave.broker.nats;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Finds the first message to read when the start is a time or a count. */
final class StartFinder {

    private final StreamLeader leader;
    private final Stream stream;
    private final BatchReader batches;
    private final boolean batched;

    /**
     * A finder.
     *
     * @param batched whether the servers support batched reads, and with them start times
     */
    StartFinder(StreamLeader leader, Stream stream, BatchReader batches, boolean batched) {
        this.leader = leader;
        this.stream = stream;
        this.batches = batches;
        this.batched = batched;
    }

    /** {@return the first message of {@code subject} stored at {@code time} or later} */
    Optional<StoredMessage> since(String subject, Instant time) {
        if (batched) {
            return leader.ask(List.of(StreamLeader.Query.since(subject, time))).getFirst();
        }
        List<Optional<StoredMessage>> ends =
                leader.ask(
                        List.of(
                                StreamLeader.Query.next(subject, 1),
                                StreamLeader.Query.last(subject)));
        if (ends.stream().anyMatch(Optional::isEmpty)) {
            return Optional.empty();
        }
        StoredMessage oldest = ends.getFirst().get();
        StoredMessage newest = ends.getLast().get();
        if (newest.time().isBefore(time)) {
            return Optional.empty();
        }
        return Optional.of(
                oldest.time().isBefore(time) ? bisect(subject, time, oldest, newest) : oldest);
    }

    /** {@return the first message since {@code time}, given one before it and one not before it} */
    private StoredMessage bisect(
            String subject, Instant time, StoredMessage before, StoredMessage since) {
        long low = before.sequence();
        long high = since.sequence(); // `first` is the first message from here on
        StoredMessage first = since;
        while (high - low > 1) {
            long middle = low + (high - low) / 2;
            Optional<StoredMessage> found = leader.next(subject, middle);
            if (found.isPresent() && found.get().time().isBefore(time)) {
                low = found.get().sequence();
            } else {
                first = found.orElse(first);
                high = middle;
            }
        }
        return first;
    }

    /** {@return the {@code count}th message of {@code subject} from the end, or the oldest one} */
    Optional<StoredMessage> last(String subject, int count) {
        Optional<StoredMessage> newest = leader.last(subject);
        if (newest.isEmpty() || count == 1) {
            return newest;
        }
        Optional<StoredMessage> oldest = leader.next(subject, 1);
        long all = stream.facts(subject).count();
        if (oldest.isEmpty() || all <= count) {
            return oldest;
        }
        return Optional.of(backwards(subject, count, oldest.get(), newest.get(), all));
    }

    /*
     * A stream cannot be read backwards. So a sequence is guessed from the density of the topic, and
     * the messages after it are read, up to those read before: if they are too few, the next guess is
     * further back; if they are far too many, it is closer.
     */
    private StoredMessage backwards(
            String subject, int count, StoredMessage oldest, StoredMessage newest, long all) {
        long high =
                newest.sequence(); // from here on there are `have` messages, of which `first` is
        // the first
        long have = 1;
        StoredMessage first = newest;
        long step = Math.max(1, (newest.sequence() - oldest.sequence()) / all * count * 2);
        long low = Math.max(oldest.sequence(), high - step);
        while (true) {
            int missing = (int) (count - have);
            List<StoredMessage> some = between(subject, low, high, 2 * missing);
            boolean tooMany = some.size() == 2 * missing;
            if (tooMany && some.getLast().sequence() + 1 < high) {
                low = some.getLast().sequence() + (high - some.getLast().sequence()) / 2;
                continue;
            }
            if (some.size() >= missing) {
                return some.get(some.size() - missing);
            }
            if (!some.isEmpty()) {
                first = some.getFirst();
            }
            if (low <= oldest.sequence()) {
                return first;
            }
            have += some.size();
            high = low;
            step *= 2;
            low = Math.max(oldest.sequence(), high - step);
        }
    }

    private List<StoredMessage> between(String subject, long low, long high, int most) {
        var found = new ArrayList<StoredMessage>();
        long next = low;
        while (next < high && found.size() < most) {
            List<StoredMessage> some =
                    batched
                            ? batches.read(subject, next, most - found.size(), Integer.MAX_VALUE)
                            : List.of();
            if (some.isEmpty()) {
                some = leader.next(subject, next).stream().toList();
            }
            if (some.isEmpty()) {
                return found;
            }
            for (StoredMessage each : some) {
                if (each.sequence() >= high) {
                    return found;
                }
                found.add(each);
            }
            next = found.getLast().sequence() + 1;
        }
        return found;
    }
}
