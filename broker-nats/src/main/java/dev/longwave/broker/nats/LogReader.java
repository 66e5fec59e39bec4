package dev.longwave.broker.nats;

import dev.longwave.broker.BrokerUnavailableException;
import dev.longwave.broker.Coverage;
import dev.longwave.broker.Page;
import dev.longwave.broker.Position;
import dev.longwave.broker.Start;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Reads pages of the stream, and says exactly whether something is missing before them. */
final class LogReader {
    /*
     * The leader says where the page begins (`first`), where the log ends, and what the coverage is.
     * Between, messages may come from any replica, in batches.
     *
     * What is removed is always the oldest: of the stream by age and bytes, of a topic by count. So
     *
     * - as long as a topic has a message at or before a place, nothing behind that place is missing.
     *   Coverage is complete if the leader, asked after it was asked for the first message beyond the
     *   reader's position, still has one at or before that position: most often the very one that
     *   the reader had last. Failing that, StreamFacts may know that nothing was removed at all.
     *   Otherwise coverage is not complete: it may be that nothing is missing, but none can tell;
     * - a page has no hole if, after it was read, the leader still has its first message. Each batch
     *   begins with the message that is known already: a replica that does not have it any more, or
     *   not yet, does not count, and the leader is asked for one message after the other.
     *
     * So where messages are removed faster than they are read, a page is one message long, and there
     * is progress still.
     *
     * A new leader may for a moment not have applied all that its predecessor had, and one that is
     * cut off from the others lags behind. Neither makes a page wrong; but a reader whose position
     * is beyond its end has not met a log that lost something. That is said only if it lasts, and if
     * most replicas have what the leader has.
     */
    private static final int ATTEMPTS = 5;
    private static final int SLACK_BYTES = 64 << 10;
    private static final long PAUSE_MILLIS = 50;

    private final Requests requests;
    private final Leader leader;
    private final Stream stream;
    private final Batches batches;
    private final Search search;
    private final boolean batched;
    private final boolean replicated;

    LogReader(
            Requests requests,
            Leader leader,
            Stream stream,
            Batches batches,
            boolean batched,
            boolean replicated) {
        this.requests = requests;
        this.leader = leader;
        this.stream = stream;
        this.batches = batches;
        this.search = new Search(leader, stream, batches, batched);
        this.batched = batched;
        this.replicated = replicated;
    }

    /**
     * What is to be read.
     *
     * @param until null for no bound
     */
    record Wanted(
            String subject, Start start, @Nullable Position until, int maxEntries, int maxBytes) {

        long bound(long epoch) {
            return until != null && until.epoch() == epoch ? until.major() : Long.MAX_VALUE;
        }

        /** {@return the reader's position, if it is of this epoch} */
        Optional<Position> cursor(long epoch) {
            return start instanceof Start.After(Position position) && position.epoch() == epoch
                    ? Optional.of(position)
                    : Optional.empty();
        }
    }

    /** The first message wanted, and the newest one. */
    private record Ends(Optional<Stored> first, Optional<Stored> last) {}

    /** Where a page begins, and what that says. */
    private record Beginning(Coverage coverage, Stored first) {}

    /** Messages without a hole between them. */
    private record Run(List<Stored> entries, boolean more) {}

    Page read(Wanted wanted) {
        for (int i = 0; i < ATTEMPTS; i++) {
            Optional<Page> page = tryToRead(wanted);
            if (page.isPresent()) {
                return page.get();
            }
        }
        throw requests.unavailable("read the log", "it changes while it is read");
    }

    /** {@return the page, or nothing if what was found does not fit together} */
    private Optional<Page> tryToRead(Wanted wanted) {
        long epoch = stream.epoch();
        Ends ends = ends(wanted, epoch);
        return ends.first.isPresent()
                ? pageFrom(ends.first.get(), ends.last, wanted, epoch)
                : emptyPage(ends.last, wanted, epoch);
    }

    private Ends ends(Wanted wanted, long epoch) {
        String subject = wanted.subject;
        return switch (wanted.start) {
            case Start.Earliest _ -> ends(subject, 1);
            case Start.After _ ->
                    ends(subject, wanted.cursor(epoch).map(p -> Math.max(1, p.major())).orElse(1L));
            case Start.Since(Instant time) ->
                    new Ends(search.since(subject, time), leader.last(subject));
            case Start.Last(int count) ->
                    new Ends(search.last(subject, count), leader.last(subject));
        };
    }

    private Ends ends(String subject, long from) {
        List<Optional<Stored>> ends =
                leader.ask(List.of(Leader.Query.next(subject, from), Leader.Query.last(subject)));
        return new Ends(ends.getFirst(), ends.getLast());
    }

    // Nothing is there

    private Optional<Page> emptyPage(Optional<Stored> last, Wanted wanted, long epoch) {
        StreamFacts facts = stream.facts(wanted.subject);
        boolean cameMeanwhile =
                last.isPresent() ? isWanted(last.get(), wanted, epoch) : facts.count() > 0;
        if (cameMeanwhile || facts.epoch() != epoch) {
            return Optional.empty();
        }
        long tail = last.map(Stored::sequence).orElse(facts.last());
        Coverage coverage =
                switch (wanted.start) {
                    case Start.Earliest _ -> Coverage.COMPLETE;
                    case Start.Last _ -> Coverage.COMPLETE;
                    case Start.Since(Instant time) ->
                            last.isPresent() || facts.hasAllSince(time)
                                    ? Coverage.COMPLETE
                                    : Coverage.TRIMMED;
                    case Start.After(Position cursor) -> {
                        if (cursor.epoch() != epoch) {
                            yield Coverage.OTHER_EPOCH;
                        }
                        if (cursor.major() > facts.last()) {
                            yield Coverage.AHEAD_OF_LOG;
                        }
                        yield last.isPresent() || facts.hasAllAfter(cursor.major())
                                ? Coverage.COMPLETE
                                : Coverage.TRIMMED;
                    }
                };
        if (coverage == Coverage.AHEAD_OF_LOG && !hasLost(wanted, epoch)) {
            return Optional.empty();
        }
        return Optional.of(page(new Run(List.of(), false), coverage, tail, wanted, epoch));
    }

    /** {@return whether a message is one of those that were not there a moment ago} */
    private static boolean isWanted(Stored message, Wanted wanted, long epoch) {
        return switch (wanted.start) {
            case Start.Earliest _ -> true;
            case Start.Last _ -> true;
            case Start.Since(Instant time) -> !message.time().isBefore(time);
            case Start.After _ ->
                    wanted.cursor(epoch).map(p -> message.sequence() >= p.major()).orElse(true);
        };
    }

    /**
     * {@return whether the reader's position stays beyond the end, and not for lack of replicas}
     */
    private boolean hasLost(Wanted wanted, long epoch) {
        if (!replicated) {
            return true;
        }
        long sequence = wanted.cursor(epoch).orElseThrow().major();
        long deadline = System.nanoTime() + requests.timeout().toNanos();
        StreamFacts facts = stream.facts();
        while (System.nanoTime() - deadline < 0) {
            if (facts.epoch() != epoch || facts.last() >= sequence) {
                return false;
            }
            pause();
            facts = stream.facts();
        }
        if (!facts.settled()) {
            throw requests.unavailable(
                    "read the log", "most replicas are behind, or not to be reached");
        }
        return facts.epoch() == epoch && facts.last() < sequence;
    }

    private static void pause() {
        try {
            TimeUnit.MILLISECONDS.sleep(PAUSE_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new BrokerUnavailableException("interrupted while reading the stream", e);
        }
    }

    // Something is there

    private Optional<Page> pageFrom(
            Stored found, Optional<Stored> last, Wanted wanted, long epoch) {
        if (last.isEmpty() || last.get().sequence() < found.sequence()) {
            return Optional.empty();
        }
        Optional<Position> cursor = wanted.cursor(epoch);
        boolean isCursor = cursor.isPresent() && cursor.get().major() == found.sequence();
        Beginning begin =
                isCursor
                        ? new Beginning(Coverage.COMPLETE, found)
                        : beginning(found, wanted, epoch);
        Stored first = begin.first;
        long bound = wanted.bound(epoch);
        Run run =
                isCursor || first.sequence() <= bound
                        ? run(first, !isCursor, Math.min(last.get().sequence(), bound), wanted)
                        : new Run(List.of(), false);
        boolean reachesOn =
                !run.entries.isEmpty() && run.entries.getLast().sequence() > first.sequence();
        if (reachesOn && !isThere(first, wanted.subject)) {
            if (isCursor) {
                return Optional.empty();
            }
            run = new Run(List.of(first), true);
        }
        return Optional.of(page(run, begin.coverage, first.sequence() - 1, wanted, epoch));
    }

    private Beginning beginning(Stored found, Wanted wanted, long epoch) {
        return switch (wanted.start) {
            case Start.Earliest _ -> new Beginning(Coverage.COMPLETE, found);
            case Start.Last _ -> new Beginning(Coverage.COMPLETE, found);
            case Start.Since(Instant time) -> beginningSince(time, found, wanted.subject);
            case Start.After(Position cursor) ->
                    cursor.epoch() == epoch
                            ? beginningAfter(cursor.major(), found, wanted.subject)
                            : new Beginning(Coverage.OTHER_EPOCH, found);
        };
    }

    private Beginning beginningAfter(long cursor, Stored found, String subject) {
        if (found.sequence() == cursor + 1) {
            return new Beginning(Coverage.COMPLETE, found);
        }
        Stored oldest = leader.next(subject, 1).orElse(found);
        boolean complete = oldest.sequence() <= cursor || stream.facts(subject).hasAllAfter(cursor);
        return complete
                ? new Beginning(Coverage.COMPLETE, found)
                : new Beginning(Coverage.TRIMMED, oldest);
    }

    private Beginning beginningSince(Instant time, Stored found, String subject) {
        Stored oldest = leader.next(subject, 1).orElse(found);
        boolean complete = oldest.time().isBefore(time) || stream.facts(subject).hasAllSince(time);
        return complete
                ? new Beginning(Coverage.COMPLETE, found)
                : new Beginning(Coverage.TRIMMED, oldest);
    }

    private boolean isThere(Stored message, String subject) {
        return leader.next(subject, message.sequence())
                .filter(there -> there.sequence() == message.sequence())
                .isPresent();
    }

    /** Reads on from {@code first} up to {@code goal}. */
    private Run run(Stored first, boolean withFirst, long goal, Wanted wanted) {
        var entries = new ArrayList<Stored>();
        Stored known = first;
        int bytes = 0;
        if (withFirst) {
            entries.add(first);
            bytes = first.bytes();
        }
        boolean fromReplicas = batched;
        while (known.sequence() < goal && entries.size() < wanted.maxEntries) {
            List<Stored> some =
                    fromReplicas
                            ? batch(known, wanted, wanted.maxEntries - entries.size(), bytes)
                            : List.of();
            if (some.isEmpty()) {
                fromReplicas = false;
                some = leader.next(wanted.subject, known.sequence() + 1).stream().toList();
            }
            if (some.isEmpty() || some.getFirst().sequence() > goal) {
                return new Run(entries, false);
            }
            for (Stored each : some) {
                if (each.sequence() > goal) {
                    return new Run(entries, false);
                }
                boolean fits = (long) bytes + each.bytes() <= wanted.maxBytes;
                if (entries.size() == wanted.maxEntries || (!fits && !entries.isEmpty())) {
                    return new Run(entries, true);
                }
                entries.add(each);
                bytes += each.bytes();
                known = each;
            }
        }
        return new Run(entries, hasMore(known, goal, wanted));
    }

    private List<Stored> batch(Stored known, Wanted wanted, int most, int bytes) {
        long room = Math.max(0, (long) wanted.maxBytes - bytes) + known.bytes() + SLACK_BYTES;
        int max = most == Integer.MAX_VALUE ? most : most + 1;
        List<Stored> some =
                batches.read(
                        wanted.subject,
                        known.sequence(),
                        max,
                        (int) Math.min(room, Integer.MAX_VALUE));
        boolean proven = !some.isEmpty() && some.getFirst().sequence() == known.sequence();
        return proven ? some.subList(1, some.size()) : List.of();
    }

    private boolean hasMore(Stored known, long goal, Wanted wanted) {
        return known.sequence() < goal
                && leader.next(wanted.subject, known.sequence() + 1)
                        .filter(next -> next.sequence() <= goal)
                        .isPresent();
    }

    /** {@return the page} {@code before} is the place before its first entry, or the log's end. */
    private static Page page(Run run, Coverage coverage, long before, Wanted wanted, long epoch) {
        Optional<Position> cursor = wanted.cursor(epoch);
        Position from =
                coverage == Coverage.COMPLETE && cursor.isPresent()
                        ? cursor.get()
                        : new Position(epoch, Math.min(before, wanted.bound(epoch)));
        return new Page(
                run.entries.stream().map(stored -> stored.entry(epoch)).toList(),
                coverage,
                from,
                run.more);
    }
}
