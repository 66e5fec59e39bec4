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
import java.util.function.Consumer;
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
     *
     * A stream that was put back from a copy, or has lost its newest messages, gives their sequences again.
     * So a position carries the time of the message that stood there. If the message that stands there now
     * is of another time, everything after the copy was made is lost. What was put back is older than the
     * reader's position: so the page begins with the first message that is later than that.
     *
     * The mark of a deletion (see Deletions) that hides something from the reader begins a page. In the
     * log of a pattern, the page before it ends there, so that nothing of the other topics is left out.
     */
    private static final int ATTEMPTS = 5;
    private static final int SLACK_BYTES = 64 << 10;
    private static final long PAUSE_MILLIS = 50;

    private final Requests requests;
    private final StreamLeader leader;
    private final Stream stream;
    private final BatchReader batches;
    private final Entries entries;
    private final Deletions deletions;
    private final Removals removals;
    private final StartFinder starts;
    private final boolean batched;
    private final boolean replicated;

    LogReader(
            Requests requests,
            StreamLeader leader,
            Stream stream,
            BatchReader batches,
            Entries entries,
            Deletions deletions,
            boolean batched,
            boolean replicated) {
        this.requests = requests;
        this.leader = leader;
        this.stream = stream;
        this.batches = batches;
        this.entries = entries;
        this.deletions = deletions;
        this.removals = new Removals(leader, stream);
        this.starts = new StartFinder(leader, stream, batches, batched);
        this.batched = batched;
        this.replicated = replicated;
    }

    /**
     * A request for a page.
     *
     * @param until the last position wanted; null for no bound
     * @param onMark told of each mark of a deletion in the page
     */
    record Request(
            SubjectFilter filter,
            Start start,
            @Nullable Position until,
            int maxEntries,
            int maxBytes,
            Consumer<StoredMessage> onMark) {

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

    /**
     * Messages without a hole between them.
     *
     * @param mark the mark of a deletion before which it ends; null for none
     */
    private record Run(List<StoredMessage> entries, boolean more, @Nullable StoredMessage mark) {

        Run(List<StoredMessage> entries, boolean more) {
            this(entries, more, null);
        }
    }

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
        if (isContradicted(request, ends, epoch)) {
            return pageAfterLoss(request, epoch);
        }
        return ends.first.isPresent()
                ? pageFrom(ends.first.get(), ends.last, request, epoch)
                : emptyPage(request, epoch);
    }

    /** {@return whether another message stands where the reader's position points} */
    private boolean isContradicted(Request request, Ends ends, long epoch) {
        Position cursor = request.cursor(epoch).orElse(null);
        if (cursor == null || cursor.stamp() == 0 || cursor.major() == 0) {
            return false;
        }
        boolean isFirst =
                ends.first.filter(first -> first.sequence() == cursor.major()).isPresent();
        Optional<StoredMessage> there = isFirst ? ends.first : leader.at(cursor.major());
        return there.filter(stored -> stored.stamp() != cursor.stamp()).isPresent();
    }

    /** {@return the page with what was stored since the log lost what the reader has seen} */
    private Optional<Page> pageAfterLoss(Request request, long epoch) {
        StreamFacts facts = stream.facts();
        if (facts.epoch() != epoch) {
            return Optional.empty();
        }
        Position lost = request.cursor(epoch).orElseThrow();
        Optional<StoredMessage> first = firstAfter(lost, request.subject());
        Optional<StoredMessage> last = leader.last(request.subject());
        if (first.isPresent()) {
            var beginning = new Beginning(Coverage.AHEAD_OF_LOG, first.get());
            return pageFrom(beginning, last, request, epoch);
        }
        Position tail = tail(last, facts, request);
        Position from = tail.major() < lost.major() ? tail : new Position(epoch, lost.major() - 1);
        var nothing = new Run(List.of(), false);
        return Optional.of(page(nothing, Coverage.AHEAD_OF_LOG, from, request, epoch));
    }

    /**
     * {@return the first message that is later than a lost one, or has its place or a later one}
     */
    private Optional<StoredMessage> firstAfter(Position lost, String subject) {
        Optional<StoredMessage> beyond = leader.next(subject, Math.max(1, lost.major()));
        if (lost.stamp() == 0) {
            return beyond;
        }
        Optional<StoredMessage> since = later(subject, lost);
        return beyond.isPresent() && since.isPresent()
                ? Optional.of(
                        beyond.get().sequence() < since.get().sequence()
                                ? beyond.get()
                                : since.get())
                : beyond.or(() -> since);
    }

    /** {@return the first message that is later than the one that stood at {@code position}} */
    private Optional<StoredMessage> later(String subject, Position position) {
        return starts.since(subject, Instant.ofEpochMilli(position.stamp() + 1));
    }

    /**
     * {@return the end of the log: of the topic if nothing was stored since, else of the stream}
     */
    private static Position tail(Optional<StoredMessage> last, StreamFacts facts, Request request) {
        return last.filter(
                        stored -> !request.filter.isPattern() && stored.sequence() <= facts.last())
                .map(stored -> stored.position(facts.epoch()))
                .orElseGet(facts::end);
    }

    private Ends ends(Request request, long epoch) {
        String subject = request.subject();
        return switch (request.start) {
            case Start.Earliest _ -> ends(subject, 1);
            case Start.After after -> {
                Position position = after.position();
                if (position.sameEpoch(new Position(epoch, 0))) {
                    yield ends(subject, Math.max(1, position.major()));
                }
                yield position.stamp() == 0
                        ? ends(subject, 1)
                        : new Ends(later(subject, position), leader.last(subject));
            }
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
        if (coverage == Coverage.AHEAD_OF_LOG) {
            return hasLost(request, epoch) ? pageAfterLoss(request, epoch) : Optional.empty();
        }
        // A message stored since may be the last one now, and is to be read.
        Position tail = tail(again.last, facts, request);
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
        return beginning(found, request, epoch)
                .flatMap(beginning -> pageFrom(beginning, last, request, epoch));
    }

    private Optional<Page> pageFrom(
            Beginning beginning, Optional<StoredMessage> last, Request request, long epoch) {
        Coverage coverage = beginning.coverage;
        StoredMessage first = beginning.first;
        if (last.isEmpty() || last.get().sequence() < first.sequence()) {
            return Optional.empty();
        }
        boolean isCursor =
                coverage == Coverage.COMPLETE
                        && request.cursor(epoch)
                                .filter(cursor -> cursor.major() == first.sequence())
                                .isPresent();
        long bound = request.bound(epoch);
        Run run =
                isCursor || first.sequence() <= bound
                        ? run(
                                first,
                                !isCursor,
                                Math.min(last.get().sequence(), bound),
                                request,
                                epoch)
                        : new Run(List.of(), false);
        if (isCursor && run.entries.isEmpty() && run.mark != null) {
            return pageFrom(new Beginning(Coverage.DELETED, run.mark), last, request, epoch);
        }
        boolean reachesOn =
                !run.entries.isEmpty() && run.entries.getLast().sequence() > first.sequence();
        if (reachesOn && !isWhole(run, beginning, request, epoch)) {
            if (isCursor) {
                return Optional.empty();
            }
            run = new Run(List.of(first), true);
        }
        // What a reader has lost is told as a way back, even if that is not where the page begins.
        long back =
                coverage == Coverage.AHEAD_OF_LOG
                        ? request.cursor(epoch).map(Position::major).orElse(Long.MAX_VALUE)
                        : Long.MAX_VALUE;
        var before = new Position(epoch, Math.min(first.sequence(), back) - 1);
        return Optional.of(page(run, coverage, before, request, epoch));
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
        if (lost.orElse(0) < found.sequence() && deletions.hides(found, cursor)) {
            return Optional.of(new Beginning(Coverage.DELETED, found));
        }
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
    private Run run(
            StoredMessage first, boolean withFirst, long goal, Request request, long epoch) {
        boolean seesMarks = request.filter.isPattern() && request.cursor(epoch).isPresent();
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
                if (seesMarks && deletions.hides(each, known.sequence())) {
                    return new Run(entries, true, each);
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
     * @param before the position before its first entry, or the log's end
     */
    private Page page(Run run, Coverage coverage, Position before, Request request, long epoch) {
        run.entries.stream().filter(StoredMessage::marksDeletion).forEach(request.onMark);
        Optional<Position> cursor = request.cursor(epoch);
        long bound = request.bound(epoch);
        Position from =
                coverage == Coverage.COMPLETE && cursor.isPresent()
                        ? cursor.get()
                        : before.major() <= bound ? before : new Position(epoch, bound);
        return Page.of(
                run.entries.stream().map(stored -> entry(stored, request, epoch)).toList(),
                coverage,
                from,
                run.more);
    }

    private Entry entry(StoredMessage stored, Request request, long epoch) {
        return request.filter.isPattern()
                ? entries.ofPattern(stored, epoch)
                : entries.ofTopic(stored, epoch);
    }
}
