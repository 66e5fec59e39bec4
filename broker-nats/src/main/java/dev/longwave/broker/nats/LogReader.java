package dev.longwave.broker.nats;

import dev.longwave.broker.BrokerUnavailableException;
import dev.longwave.broker.Coverage;
import dev.longwave.broker.Entry;
import dev.longwave.broker.Page;
import dev.longwave.broker.Position;
import dev.longwave.broker.Start;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Reads pages of the stream, and says exactly whether something is missing before them. */
final class LogReader {
    /*
     * The leader says where the page begins (`first`), where the log ends, and what the coverage is.
     * Between, messages may come from any replica, in batches.
     *
     * What may have been removed, and so what the coverage is, Removals finds out, after the leader
     * was asked for the first message: so nothing can have been removed between the two.
     *
     * A page has no hole if, after it was read, nothing that belongs between its messages can have
     * been removed: for a topic, if the leader still has the first of them. Each batch begins with
     * the message that is known already: a replica that does not have it any more, or not yet, does
     * not count, and the leader is asked for one message after the other.
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
    private final StreamLeader leader;
    private final Stream stream;
    private final BatchReader batches;
    private final Subjects subjects;
    private final Removals removals;
    private final StartFinder search;
    private final boolean batched;
    private final boolean replicated;

    LogReader(
            Requests requests,
            StreamLeader leader,
            Stream stream,
            BatchReader batches,
            Subjects subjects,
            boolean batched,
            boolean replicated) {
        this.requests = requests;
        this.leader = leader;
        this.stream = stream;
        this.batches = batches;
        this.subjects = subjects;
        this.removals = new Removals(leader, stream);
        this.search = new StartFinder(leader, stream, batches, batched);
        this.batched = batched;
        this.replicated = replicated;
    }

    /**
     * What is to be read.
     *
     * @param until null for no bound
     */
    record Wanted(
            SubjectFilter filter, Start start, @Nullable Position until, int maxEntries, int maxBytes) {

        String subject() {
            return filter.subject();
        }

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
    private record Ends(Optional<StoredMessage> first, Optional<StoredMessage> last) {}

    /** Where a page begins, and what that says. */
    private record Beginning(Coverage coverage, StoredMessage first) {}

    /** Messages without a hole between them. */
    private record Run(List<StoredMessage> entries, boolean more) {}

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
                : emptyPage(wanted, epoch);
    }

    private Ends ends(Wanted wanted, long epoch) {
        String subject = wanted.subject();
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
        List<Optional<StoredMessage>> ends =
                leader.ask(List.of(StreamLeader.Query.next(subject, from), StreamLeader.Query.last(subject)));
        return new Ends(ends.getFirst(), ends.getLast());
    }

    // Nothing is there

    private Optional<Page> emptyPage(Wanted wanted, long epoch) {
        StreamFacts facts = stream.facts();
        Ends again = ends(wanted, epoch); // so nothing that is wanted stands up to facts.last()
        if (again.first.isPresent() || facts.epoch() != epoch) {
            return Optional.empty();
        }
        Coverage coverage = coverageOfNothing(wanted, facts);
        if (coverage == Coverage.AHEAD_OF_LOG && !hasLost(wanted, epoch)) {
            return Optional.empty();
        }
        // What was stored since may be the last one now, and is wanted.
        long tail =
                again.last
                        .map(StoredMessage::sequence)
                        .filter(last -> !wanted.filter.isPattern() && last <= facts.last())
                        .orElse(facts.last());
        return Optional.of(page(new Run(List.of(), false), coverage, tail, wanted, epoch));
    }

    private Coverage coverageOfNothing(Wanted wanted, StreamFacts facts) {
        return switch (wanted.start) {
            case Start.Earliest _ -> Coverage.COMPLETE;
            case Start.Last _ -> Coverage.COMPLETE;
            case Start.Since(Instant time) ->
                    removals.noneSince(wanted.filter, time) ? Coverage.COMPLETE : Coverage.TRIMMED;
            case Start.After(Position cursor) -> {
                if (cursor.epoch() != facts.epoch()) {
                    yield Coverage.OTHER_EPOCH;
                }
                if (cursor.major() > facts.last()) {
                    yield Coverage.AHEAD_OF_LOG;
                }
                yield removals.after(wanted.filter, cursor.major()).isEmpty()
                        ? Coverage.COMPLETE
                        : Coverage.TRIMMED;
            }
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
            StoredMessage found, Optional<StoredMessage> last, Wanted wanted, long epoch) {
        if (last.isEmpty() || last.get().sequence() < found.sequence()) {
            return Optional.empty();
        }
        Optional<Beginning> beginning = beginning(found, wanted, epoch);
        if (beginning.isEmpty()) {
            return Optional.empty();
        }
        Coverage coverage = beginning.get().coverage;
        StoredMessage first = beginning.get().first;
        boolean isCursor =
                coverage == Coverage.COMPLETE
                        && wanted.cursor(epoch)
                                .filter(cursor -> cursor.major() == first.sequence())
                                .isPresent();
        long bound = wanted.bound(epoch);
        Run run =
                isCursor || first.sequence() <= bound
                        ? run(first, !isCursor, Math.min(last.get().sequence(), bound), wanted)
                        : new Run(List.of(), false);
        boolean reachesOn =
                !run.entries.isEmpty() && run.entries.getLast().sequence() > first.sequence();
        if (reachesOn && !isWhole(run, beginning.get(), wanted, epoch)) {
            if (isCursor) {
                return Optional.empty();
            }
            run = new Run(List.of(first), true);
        }
        return Optional.of(page(run, coverage, first.sequence() - 1, wanted, epoch));
    }

    private Optional<Beginning> beginning(StoredMessage found, Wanted wanted, long epoch) {
        return switch (wanted.start) {
            case Start.Earliest _ -> Optional.of(new Beginning(Coverage.COMPLETE, found));
            case Start.Last _ -> Optional.of(new Beginning(Coverage.COMPLETE, found));
            case Start.Since(Instant time) -> {
                boolean complete = removals.noneSince(wanted.filter, time);
                Coverage coverage = complete ? Coverage.COMPLETE : Coverage.TRIMMED;
                yield Optional.of(new Beginning(coverage, found));
            }
            case Start.After(Position cursor) ->
                    cursor.epoch() == epoch
                            ? beginningAfter(cursor.major(), found, wanted.filter)
                            : Optional.of(new Beginning(Coverage.OTHER_EPOCH, found));
        };
    }

    private Optional<Beginning> beginningAfter(long cursor, StoredMessage found, SubjectFilter filter) {
        boolean isNeighbour = !filter.isPattern() && found.sequence() <= cursor + 1;
        OptionalLong lost = isNeighbour ? OptionalLong.empty() : removals.after(filter, cursor);
        if (lost.isEmpty()) {
            return Optional.of(new Beginning(Coverage.COMPLETE, found));
        }
        Optional<StoredMessage> first =
                found.sequence() > lost.getAsLong()
                        ? Optional.of(found)
                        : leader.next(filter.subject(), lost.getAsLong() + 1);
        return first.map(stored -> new Beginning(Coverage.TRIMMED, stored));
    }

    /** {@return whether nothing was removed from between the messages of {@code run}} */
    private boolean isWhole(Run run, Beginning beginning, Wanted wanted, long epoch) {
        if (!wanted.filter.isPattern()) {
            return areThere(List.of(beginning.first));
        }
        Optional<Position> cursor = wanted.cursor(epoch);
        if (cursor.isPresent()) {
            long from =
                    beginning.coverage == Coverage.COMPLETE
                            ? cursor.get().major()
                            : beginning.first.sequence() - 1;
            return removals.after(wanted.filter, from).isEmpty();
        }
        var firsts = new LinkedHashMap<String, StoredMessage>();
        run.entries.forEach(stored -> firsts.putIfAbsent(stored.subject(), stored));
        return areThere(List.copyOf(firsts.values()));
    }

    private boolean areThere(List<StoredMessage> messages) {
        List<Optional<StoredMessage>> there =
                leader.ask(
                        messages.stream()
                                .map(m -> StreamLeader.Query.next(m.subject(), m.sequence()))
                                .toList());
        for (int i = 0; i < messages.size(); i++) {
            long sequence = messages.get(i).sequence();
            if (there.get(i).filter(stored -> stored.sequence() == sequence).isEmpty()) {
                return false;
            }
        }
        return true;
    }

    /** Reads on from {@code first} up to {@code goal}. */
    private Run run(StoredMessage first, boolean withFirst, long goal, Wanted wanted) {
        var entries = new ArrayList<StoredMessage>();
        StoredMessage known = first;
        int bytes = 0;
        if (withFirst) {
            entries.add(first);
            bytes = first.bytes();
        }
        boolean fromReplicas = batched;
        while (known.sequence() < goal && entries.size() < wanted.maxEntries) {
            List<StoredMessage> some =
                    fromReplicas
                            ? batch(known, wanted, wanted.maxEntries - entries.size(), bytes)
                            : List.of();
            if (some.isEmpty()) {
                fromReplicas = false;
                some = leader.next(wanted.subject(), known.sequence() + 1).stream().toList();
            }
            if (some.isEmpty() || some.getFirst().sequence() > goal) {
                return new Run(entries, false);
            }
            for (StoredMessage each : some) {
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

    private List<StoredMessage> batch(StoredMessage known, Wanted wanted, int most, int bytes) {
        long room = Math.max(0, (long) wanted.maxBytes - bytes) + known.bytes() + SLACK_BYTES;
        int max = most == Integer.MAX_VALUE ? most : most + 1;
        List<StoredMessage> some =
                batches.read(
                        wanted.subject(),
                        known.sequence(),
                        max,
                        (int) Math.min(room, Integer.MAX_VALUE));
        boolean proven = !some.isEmpty() && some.getFirst().sequence() == known.sequence();
        return proven ? some.subList(1, some.size()) : List.of();
    }

    private boolean hasMore(StoredMessage known, long goal, Wanted wanted) {
        return known.sequence() < goal
                && leader.next(wanted.subject(), known.sequence() + 1)
                        .filter(next -> next.sequence() <= goal)
                        .isPresent();
    }

    /** {@return the page} {@code before} is the place before its first entry, or the log's end. */
    private Page page(Run run, Coverage coverage, long before, Wanted wanted, long epoch) {
        Optional<Position> cursor = wanted.cursor(epoch);
        Position from =
                coverage == Coverage.COMPLETE && cursor.isPresent()
                        ? cursor.get()
                        : new Position(epoch, Math.min(before, wanted.bound(epoch)));
        return new Page(
                run.entries.stream().map(stored -> entry(stored, wanted, epoch)).toList(),
                coverage,
                from,
                run.more);
    }

    private Entry entry(StoredMessage stored, Wanted wanted, long epoch) {
        Entry entry = stored.entry(epoch);
        return wanted.filter.isPattern() ? entry.in(subjects.topic(stored.subject())) : entry;
    }
}
