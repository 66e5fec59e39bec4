package dev.longwave.broker.nats;

import dev.longwave.broker.BrokerUnavailableException;
import dev.longwave.broker.Coverage;
import dev.longwave.broker.Entry;
import dev.longwave.broker.Page;
import dev.longwave.broker.Position;
import dev.longwave.broker.Start;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Reads pages of the stream, and tells exactly whether anything is missing before them. */
final class LogReader {
    /*
     * The stream's leader tells where the page begins (`first`), where the log ends, and what the
     * coverage is. The messages in between may come from any replica, in batches.
     *
     * Removals finds out what may have been removed, and so the coverage, after the leader was asked
     * for the first message: so nothing can have been removed between the two.
     *
     * A page has no hole if, after it was read, nothing between its messages can have been removed:
     * for a topic, if the leader still has the first of them. Each batch starts with a message that is
     * already known. A replica that no longer has that message, or does not have it yet, is ignored,
     * and the leader is asked for one message at a time.
     *
     * So where messages are removed faster than they are read, a page has a single message, and there
     * still is progress.
     *
     * A new leader may not yet have applied everything that its predecessor had, and one that is cut
     * off from the others lags behind. Neither makes a page wrong; but if a reader's position is
     * beyond the leader's end, the log need not have lost anything. A loss is reported only if this
     * lasts, and if most replicas have what the leader has.
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
    private final StartFinder starts;
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
        this.starts = new StartFinder(leader, stream, batches, batched);
        this.batched = batched;
        this.replicated = replicated;
    }

    /**
     * A request for a page.
     *
     * @param until the last position wanted; null for no bound
     */
    record Request(
            SubjectFilter filter,
            Start start,
            @Nullable Position until,
            int maxEntries,
            int maxBytes) {

        String subject() {
            return filter.subject();
        }

        long bound(long epoch) {
            return until != null && until.epoch() == epoch ? until.major() : Long.MAX_VALUE;
        }

        /** {@return the reader's position, if it has one in this epoch} */
        Optional<Position> cursor(long epoch) {
            return start instanceof Start.After after && after.position().epoch() == epoch
                    ? Optional.of(after.position())
                    : Optional.empty();
        }
    }

    /** The first message request, and the newest one. */
    private record Ends(Optional<StoredMessage> first, Optional<StoredMessage> last) {}

    /** The first message of a page, and the coverage that it implies. */
    private record Beginning(Coverage coverage, StoredMessage first) {}

    /** Messages without a hole between them. */
    private record Run(List<StoredMessage> entries, boolean more) {}

    Page read(Request request) {
        for (int i = 0; i < ATTEMPTS; i++) {
            Optional<Page> page = tryToRead(request);
            if (page.isPresent()) {
                return page.get();
            }
        }
        throw requests.unavailable("read the log", "it changed each time while it was read");
    }

    /** {@return the page, or nothing if the stream changed while it was read} */
    private Optional<Page> tryToRead(Request request) {
        long epoch = stream.epoch();
        Ends ends = ends(request, epoch);
        return ends.first.isPresent()
                ? pageFrom(ends.first.get(), ends.last, request, epoch)
                : emptyPage(request, epoch);
    }

    private Ends ends(Request request, long epoch) {
        String subject = request.subject();
        return switch (request.start) {
            case Start.Earliest _ -> ends(subject, 1);
            case Start.After _ ->
                    ends(
                            subject,
                            request.cursor(epoch).map(p -> Math.max(1, p.major())).orElse(1L));
            case Start.Since since ->
                    new Ends(starts.since(subject, since.time()), leader.last(subject));
            case Start.Last last ->
                    new Ends(starts.last(subject, last.count()), leader.last(subject));
            default -> throw request.start.unsupported();
        };
    }

    private Ends ends(String subject, long from) {
        List<Optional<StoredMessage>> ends =
                leader.ask(
                        List.of(
                                StreamLeader.Query.next(subject, from),
                                StreamLeader.Query.last(subject)));
        return new Ends(ends.getFirst(), ends.getLast());
    }

    // No message to read

    private Optional<Page> emptyPage(Request request, long epoch) {
        StreamFacts facts = stream.facts();
        Ends again = ends(request, epoch); // so there is nothing to read up to facts.last()
        if (again.first.isPresent() || facts.epoch() != epoch) {
            return Optional.empty();
        }
        Coverage coverage = coverageOfNothing(request, facts);
        if (coverage == Coverage.AHEAD_OF_LOG && !hasLost(request, epoch)) {
            return Optional.empty();
        }
        // A message stored since may be the last one now, and is to be read.
        long tail =
                again.last
                        .map(StoredMessage::sequence)
                        .filter(last -> !request.filter.isPattern() && last <= facts.last())
                        .orElse(facts.last());
        return Optional.of(page(new Run(List.of(), false), coverage, tail, request, epoch));
    }

    private Coverage coverageOfNothing(Request request, StreamFacts facts) {
        return switch (request.start) {
            case Start.Earliest _ -> Coverage.COMPLETE;
            case Start.Last _ -> Coverage.COMPLETE;
            case Start.Since since ->
                    removals.noneSince(request.filter, since.time())
                            ? Coverage.COMPLETE
                            : Coverage.TRIMMED;
            case Start.After after -> {
                Position cursor = after.position();
                if (cursor.epoch() != facts.epoch()) {
                    yield Coverage.OTHER_EPOCH;
                }
                if (cursor.major() > facts.last()) {
                    yield Coverage.AHEAD_OF_LOG;
                }
                yield removals.after(request.filter, cursor.major()).isEmpty()
                        ? Coverage.COMPLETE
                        : Coverage.TRIMMED;
            }
            default -> throw request.start.unsupported();
        };
    }

    /**
     * {@return whether the reader's position remains beyond the log's end}
     *
     * @throws BrokerUnavailableException if it does, but most replicas lag behind
     */
    private boolean hasLost(Request request, long epoch) {
        if (!replicated) {
            return true;
        }
        long sequence = request.cursor(epoch).orElseThrow().major();
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
                    "read the log", "most replicas lag behind or cannot be reached");
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

    // At least one message to read

    private Optional<Page> pageFrom(
            StoredMessage found, Optional<StoredMessage> last, Request request, long epoch) {
        if (last.isEmpty() || last.get().sequence() < found.sequence()) {
            return Optional.empty();
        }
        Optional<Beginning> beginning = beginning(found, request, epoch);
        if (beginning.isEmpty()) {
            return Optional.empty();
        }
        Coverage coverage = beginning.get().coverage;
        StoredMessage first = beginning.get().first;
        boolean isCursor =
                coverage == Coverage.COMPLETE
                        && request.cursor(epoch)
                                .filter(cursor -> cursor.major() == first.sequence())
                                .isPresent();
        long bound = request.bound(epoch);
        Run run =
                isCursor || first.sequence() <= bound
                        ? run(first, !isCursor, Math.min(last.get().sequence(), bound), request)
                        : new Run(List.of(), false);
        boolean reachesOn =
                !run.entries.isEmpty() && run.entries.getLast().sequence() > first.sequence();
        if (reachesOn && !isWhole(run, beginning.get(), request, epoch)) {
            if (isCursor) {
                return Optional.empty();
            }
            run = new Run(List.of(first), true);
        }
        return Optional.of(page(run, coverage, first.sequence() - 1, request, epoch));
    }

    private Optional<Beginning> beginning(StoredMessage found, Request request, long epoch) {
        return switch (request.start) {
            case Start.Earliest _ -> Optional.of(new Beginning(Coverage.COMPLETE, found));
            case Start.Last _ -> Optional.of(new Beginning(Coverage.COMPLETE, found));
            case Start.Since since -> {
                boolean complete = removals.noneSince(request.filter, since.time());
                Coverage coverage = complete ? Coverage.COMPLETE : Coverage.TRIMMED;
                yield Optional.of(new Beginning(coverage, found));
            }
            case Start.After after ->
                    after.position().epoch() == epoch
                            ? beginningAfter(after.position().major(), found, request.filter)
                            : Optional.of(new Beginning(Coverage.OTHER_EPOCH, found));
            default -> throw request.start.unsupported();
        };
    }

    private Optional<Beginning> beginningAfter(
            long cursor, StoredMessage found, SubjectFilter filter) {
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

    /** {@return whether nothing was removed between the messages of {@code run}} */
    private boolean isWhole(Run run, Beginning beginning, Request request, long epoch) {
        if (!request.filter.isPattern()) {
            return exist(List.of(beginning.first));
        }
        Optional<Position> cursor = request.cursor(epoch);
        if (cursor.isPresent()) {
            long from =
                    beginning.coverage == Coverage.COMPLETE
                            ? cursor.get().major()
                            : beginning.first.sequence() - 1;
            return removals.after(request.filter, from).isEmpty();
        }
        var firsts = new LinkedHashMap<String, StoredMessage>();
        run.entries.forEach(stored -> firsts.putIfAbsent(stored.subject(), stored));
        return exist(List.copyOf(firsts.values()));
    }

    private boolean exist(List<StoredMessage> messages) {
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

    /** {@return the messages from {@code first} up to {@code goal}} */
    private Run run(StoredMessage first, boolean withFirst, long goal, Request request) {
        var entries = new ArrayList<StoredMessage>();
        StoredMessage known = first;
        int bytes = 0;
        if (withFirst) {
            entries.add(first);
            bytes = first.bytes();
        }
        boolean fromReplicas = batched;
        while (known.sequence() < goal && entries.size() < request.maxEntries) {
            List<StoredMessage> some =
                    fromReplicas
                            ? batch(known, request, request.maxEntries - entries.size(), bytes)
                            : List.of();
            if (some.isEmpty()) {
                fromReplicas = false;
                some = leader.next(request.subject(), known.sequence() + 1).stream().toList();
            }
            if (some.isEmpty() || some.getFirst().sequence() > goal) {
                return new Run(entries, false);
            }
            for (StoredMessage each : some) {
                if (each.sequence() > goal) {
                    return new Run(entries, false);
                }
                boolean fits = (long) bytes + each.bytes() <= request.maxBytes;
                if (entries.size() == request.maxEntries || (!fits && !entries.isEmpty())) {
                    return new Run(entries, true);
                }
                entries.add(each);
                bytes += each.bytes();
                known = each;
            }
        }
        return new Run(entries, hasMore(known, goal, request));
    }

    private List<StoredMessage> batch(StoredMessage known, Request request, int count, int bytes) {
        long room = Math.max(0, (long) request.maxBytes - bytes) + known.bytes() + SLACK_BYTES;
        int max = count == Integer.MAX_VALUE ? count : count + 1;
        List<StoredMessage> some =
                batches.read(
                        request.subject(),
                        known.sequence(),
                        max,
                        (int) Math.min(room, Integer.MAX_VALUE));
        boolean proven = !some.isEmpty() && some.getFirst().sequence() == known.sequence();
        return proven ? some.subList(1, some.size()) : List.of();
    }

    private boolean hasMore(StoredMessage known, long goal, Request request) {
        return known.sequence() < goal
                && leader.next(request.subject(), known.sequence() + 1)
                        .filter(next -> next.sequence() <= goal)
                        .isPresent();
    }

    /**
     * {@return a page of these messages}
     *
     * @param before the sequence before its first entry, or the log's last sequence
     */
    private Page page(Run run, Coverage coverage, long before, Request request, long epoch) {
        Optional<Position> cursor = request.cursor(epoch);
        Position from =
                coverage == Coverage.COMPLETE && cursor.isPresent()
                        ? cursor.get()
                        : new Position(epoch, Math.min(before, request.bound(epoch)));
        return Page.of(
                run.entries.stream().map(stored -> entry(stored, request, epoch)).toList(),
                coverage,
                from,
                run.more);
    }

    private Entry entry(StoredMessage stored, Request request, long epoch) {
        Entry entry = stored.entry(epoch);
        return request.filter.isPattern() ? entry.in(subjects.topic(stored.subject())) : entry;
    }
}
