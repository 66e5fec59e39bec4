package dev.longwave.broker.memory;

import dev.longwave.broker.Coverage;
import dev.longwave.broker.Entry;
import dev.longwave.broker.Page;
import dev.longwave.broker.Position;
import dev.longwave.broker.Start;
import dev.longwave.broker.TopicPattern;
import java.time.Instant;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Reads the log of a pattern: those of the topics that it matches, merged by position. */
final class PatternHistory {
    /*
     * The tail is read before any topic is looked at, and all entries up to it are then there: see
     * PublishOrder. A topic that is no longer among those known has told ForgottenTopics, which
     * are asked after the list of topics was made.
     *
     * A cursor is one position, so that a hole cannot be told of but as one up to the newest entry
     * lost, even if other topics still have entries from before it. These are not given out, by
     * whatever start: who read on after one of them would have to be told of that hole all the same.
     */

    /** How often to read again because topics lose entries all the time. */
    private static final int ATTEMPTS = 3;

    private final TopicPattern pattern;
    private final PublishOrder order;
    private final ForgottenTopics forgottenTopics;
    private final Position tail;
    private final List<Topic> topics;

    PatternHistory(
            TopicPattern pattern,
            PublishOrder order,
            Collection<Topic> known,
            ForgottenTopics forgottenTopics) {
        this.pattern = pattern;
        this.order = order;
        this.forgottenTopics = forgottenTopics;
        this.tail = order.last();
        this.topics = known.stream().filter(topic -> pattern.matches(topic.name())).toList();
    }

    Page read(Start start, @Nullable Position until, int maxEntries, int maxBytes) {
        Position last =
                until == null || until.epoch() != order.epoch() || until.isAfter(tail)
                        ? tail
                        : until;
        return switch (start) {
            case Start.Earliest _ ->
                    with(Coverage.COMPLETE, page(order.position(0), last, maxEntries, maxBytes));
            case Start.Last newest ->
                    with(
                            Coverage.COMPLETE,
                            page(beforeNewest(newest.count(), last), last, maxEntries, maxBytes));
            case Start.Since since -> {
                Instant time = since.time();
                Page page = page(beforeFirst(time), last, maxEntries, maxBytes);
                yield hasLost(time) ? with(Coverage.TRIMMED, page) : page;
            }
            case Start.After after -> {
                Position cursor = after.position();
                if (cursor.epoch() != order.epoch()) {
                    yield with(
                            Coverage.OTHER_EPOCH,
                            page(order.position(0), last, maxEntries, maxBytes));
                }
                if (cursor.isAfter(tail)) {
                    yield Page.of(List.of(), Coverage.AHEAD_OF_LOG, last, false);
                }
                Page page = page(cursor, last, maxEntries, maxBytes);
                yield page.coverage() == Coverage.COMPLETE
                        ? Page.of(page.entries(), Coverage.COMPLETE, cursor, page.more())
                        : page;
            }
            default -> throw start.unsupported();
        };
    }

    /** The entries after {@code start}; TRIMMED if some are lost. */
    private Page page(Position start, Position last, int maxEntries, int maxBytes) {
        Merge merge = merge(start, last, maxEntries);
        for (int attempt = 1; merge.isStarved() && attempt < ATTEMPTS; attempt++) {
            merge = merge(merge.after(), last, maxEntries);
        }
        List<Entry> merged = merge.entries();
        List<Entry> entries = upTo(maxBytes, merged);
        boolean more = merge.more() || entries.size() < merged.size();
        boolean lost = merge.after().isAfter(start);
        Position from = merge.after();
        if (from.isAfter(last) || (entries.isEmpty() && !more)) {
            from = last;
        }
        return Page.of(entries, lost ? Coverage.TRIMMED : Coverage.COMPLETE, from, more);
    }

    private Merge merge(Position after, Position last, int maxEntries) {
        var merge = new Merge(after, last, maxEntries);
        merge.lost(order.position(forgottenTopics.tail(pattern)));
        topics.forEach(topic -> topic.addTo(merge));
        return merge;
    }

    private static List<Entry> upTo(int maxBytes, List<Entry> entries) {
        long bytes = 0;
        for (int i = 0; i < entries.size(); i++) {
            bytes += entries.get(i).message().size();
            if (bytes > maxBytes && i > 0) {
                return entries.subList(0, i);
            }
        }
        return entries;
    }

    private Position beforeNewest(int count, Position last) {
        var newest = new Newest(count);
        topics.forEach(topic -> topic.addTo(newest, last));
        Position oldest = newest.oldest();
        return oldest == null ? last : before(oldest);
    }

    private Position beforeFirst(Instant time) {
        return topics.stream()
                .map(topic -> topic.firstSince(time))
                .flatMap(Optional::stream)
                .min(Comparator.comparingLong(Position::major))
                .map(this::before)
                .orElse(tail);
    }

    private boolean hasLost(Instant time) {
        return !time.isAfter(Instant.ofEpochMilli(forgottenTopics.newestTrimmed(pattern)))
                || topics.stream().anyMatch(topic -> topic.hasLostSince(time));
    }

    private Position before(Position position) {
        return order.position(position.major() - 1);
    }

    private static Page with(Coverage coverage, Page page) {
        return Page.of(page.entries(), coverage, page.from(), page.more());
    }
}
