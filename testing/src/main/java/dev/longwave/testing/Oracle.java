package dev.longwave.testing;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Knows what was published, and judges what a client got: each event of a topic once, whole and in
 * order, or a gap that covers exactly what is missing.
 *
 * <p>The order of a topic is the order in which its events are told here: publish to a topic from
 * one thread at a time. Safe for many threads.
 */
public final class Oracle {

    /** Where a client began to read. */
    public enum Begin {
        /** With the first event that was published. */
        EARLIEST,
        /** Anywhere: with the first event that it got, or after the first gap. */
        ANYWHERE
    }

    /** Of these the server cannot know whether anything is missing at all. */
    private static final Set<String> UNSURE = Set.of("epoch-changed", "log-lost", "no-history");

    private final long seed;
    private final Map<String, History> histories = new HashMap<>(); // guarded by this

    /**
     * @param seed what the test's randomness grew from, for the message of a failure
     */
    public Oracle(long seed) {
        this.seed = seed;
    }

    /** Tells that {@code event} was accepted as the next one of its topic, under {@code id}. */
    public synchronized void published(TestEvent event, String id) {
        History history = history(event.topic());
        if (event.number() != history.events.size()) {
            throw new IllegalArgumentException(
                    "out of turn topic=%s number=%d expected=%d"
                            .formatted(event.topic(), event.number(), history.events.size()));
        }
        Integer earlier = history.numbers.put(id, event.number());
        if (earlier != null) {
            throw failure(
                    event.topic(),
                    "#%d and #%d have one id %s".formatted(earlier, event.number(), id));
        }
        history.events.add(event);
        history.ids.add(id);
    }

    /**
     * Tells that the logs of all topics are lost: what is published from now on is of a new epoch.
     */
    public synchronized void epochChanged() {
        histories.values().forEach(history -> history.epochs.add(history.events.size()));
    }

    /** {@return how many events of {@code topic} were published} */
    public synchronized int published(String topic) {
        return history(topic).events.size();
    }

    /**
     * {@return whether the last event published to each topic is among those received, or a gap
     * reaches over it}
     */
    public synchronized boolean sawTheLastOf(List<ReceivedEvent> received, String... topics) {
        var missing = new HashSet<TestEvent.Mark>();
        for (String topic : topics) {
            int count = history(topic).events.size();
            if (count > 0) {
                missing.add(new TestEvent.Mark(topic, count - 1));
            }
        }
        for (int i = received.size() - 1; i >= 0 && !missing.isEmpty(); i--) {
            missing.remove(lastOf(received.get(i)));
        }
        return missing.isEmpty();
    }

    /** The event itself, or the last one that it says is missing; null if that is not known. */
    private TestEvent.@Nullable Mark lastOf(ReceivedEvent received) {
        TestEvent.Mark mark = TestEvent.Mark.of(received);
        if (mark != null || !received.type().equals("gap")) {
            return mark;
        }
        Gap gap = Gap.parse(received.data());
        Integer before = history(gap.topic).numbers.get(gap.before);
        return before == null || gap.reason.equals("skipped")
                ? null
                : new TestEvent.Mark(gap.topic, before);
    }

    /**
     * Judges the events of a stream of {@code topics}, which must be complete up to the last one
     * published.
     *
     * @throws AssertionError with the first thing that is wrong
     */
    public synchronized void verify(List<ReceivedEvent> received, Begin begin, String... topics) {
        var readers = new HashMap<String, Reader>();
        for (String topic : topics) {
            readers.put(topic, new Reader(topic, history(topic), begin));
        }
        for (ReceivedEvent event : received) {
            TestEvent.Mark mark = TestEvent.Mark.of(event);
            if (mark == null && event.type().equals("gap")) {
                Gap gap = Gap.parse(event.data());
                reader(readers, gap.topic, event).gap(gap);
            } else if (mark == null) {
                throw failure("?", "got an event that nobody published: " + shown(event));
            } else {
                reader(readers, mark.topic(), event).event(mark.number(), event);
            }
        }
        readers.values().forEach(Reader::end);
    }

    private Reader reader(Map<String, Reader> readers, String topic, ReceivedEvent event) {
        Reader reader = readers.get(topic);
        if (reader == null) {
            throw failure(topic, "is not a topic of this stream: " + shown(event));
        }
        return reader;
    }

    private History history(String topic) {
        return histories.computeIfAbsent(topic, _ -> new History());
    }

    private AssertionError failure(String topic, String message) {
        return new AssertionError("topic=%s: %s (seed=%d)".formatted(topic, message, seed));
    }

    private static String shown(Object value) {
        String text =
                value.toString().replace("\r", "\\r").replace("\n", "\\n").replace("\0", "\\0");
        return text.length() <= 160 ? text : text.substring(0, 160) + "…";
    }

    private static final class History {
        final List<TestEvent> events = new ArrayList<>();
        final List<String> ids = new ArrayList<>();
        final Map<String, Integer> numbers = new HashMap<>(); // by id
        final Set<Integer> epochs = new HashSet<>(Set.of(0)); // the first number of each
    }

    private record Gap(String topic, String reason, @Nullable String after, String before) {
        static Gap parse(String data) {
            try {
                JsonObject json = JsonObject.parse(data);
                return new Gap(
                        json.required("topic"),
                        json.required("reason"),
                        json.nullable("after"),
                        json.required("before"));
            } catch (IllegalArgumentException e) {
                throw new AssertionError("a gap that cannot be read: " + shown(data), e);
            }
        }
    }

    /** One topic of a stream, as it is read. */
    private final class Reader {
        /*
         * Events below `next` are dealt with. A gap (after, before] takes `next` behind `before`, which is a
         * position, but need not be that of an event: the one before the first event of an epoch is not.
         * Where that leads is known only when the next event comes, which must be the first of an epoch.
         *
         * With "skipped", `before` is the newest event, which comes next, and of those between the
         * two some may come as well (the newest of each key): `optional` is where that ends.
         */
        private static final int UNKNOWN = -1;

        private final String topic;
        private final History history;
        private int next;
        private int optional; // events below it may be missing
        private boolean toAnEpoch;
        private @Nullable String told; // the end of the last gap

        Reader(String topic, History history, Begin begin) {
            this.topic = topic;
            this.history = history;
            this.next = begin == Begin.EARLIEST ? 0 : UNKNOWN;
        }

        void event(int number, ReceivedEvent event) {
            if (number >= history.events.size()) {
                throw failure(
                        topic, "got #" + number + ", which was not published: " + shown(event));
            }
            if (next != UNKNOWN) {
                check(number);
            }
            checkContent(history.events.get(number), event);
            next = number + 1;
            toAnEpoch = false;
            told = null;
        }

        private void check(int number) {
            if (number < next) {
                throw failure(
                        topic,
                        "got #%d after #%d: repeated, out of order, or in a gap"
                                .formatted(number, next - 1));
            }
            if (toAnEpoch) {
                if (!history.epochs.contains(number)) {
                    throw failure(
                            topic,
                            "got #%d after a gap to an unknown position, but no epoch begins there: silently lost something after #%d"
                                    .formatted(number, next - 1));
                }
            } else if (number > next && number > optional) {
                throw failure(
                        topic,
                        "lost #%d to #%d in silence"
                                .formatted(Math.max(next, optional), number - 1));
            }
        }

        private void checkContent(TestEvent expected, ReceivedEvent event) {
            same(expected, "data", expected.dataReceived(), event.data());
            same(expected, "type", expected.typeReceived(), event.type());
            String id = history.ids.get(expected.number());
            if (!Arrays.asList(event.lastEventId().split(",", -1)).contains(id)) {
                throw failure(
                        topic,
                        "#%d arrived with the id %s, which has not its position %s"
                                .formatted(expected.number(), event.lastEventId(), id));
            }
        }

        private void same(TestEvent event, String what, String expected, String actual) {
            int at = 0;
            int common = Math.min(expected.length(), actual.length());
            while (at < common && expected.charAt(at) == actual.charAt(at)) {
                at++;
            }
            if (at < expected.length() || at < actual.length()) {
                throw failure(
                        topic,
                        "#%d has other %s from character %d on: expected \"%s\" got \"%s\""
                                .formatted(
                                        event.number(),
                                        what,
                                        at,
                                        shown(expected.substring(at)),
                                        shown(actual.substring(at))));
            }
        }

        void gap(Gap gap) {
            checkAfter(gap);
            Integer before = history.numbers.get(gap.before);
            if (before == null) {
                if (!UNSURE.contains(gap.reason)) {
                    throw failure(topic, "gap to a position of no event: " + gap);
                }
                toAnEpoch = true;
            } else if (gap.reason.equals("skipped")) {
                if (next != UNKNOWN && before <= next) {
                    throw failure(
                            topic, "gap with nothing missing after #" + (next - 1) + ": " + gap);
                }
                optional = before;
            } else {
                boolean empty = next != UNKNOWN && before < next;
                if (empty && !UNSURE.contains(gap.reason)) {
                    throw failure(
                            topic, "gap with nothing missing after #" + (next - 1) + ": " + gap);
                }
                next = Math.max(next, before + 1);
                toAnEpoch = false;
            }
            told = gap.before;
        }

        private void checkAfter(Gap gap) {
            if (next == UNKNOWN || (gap.after != null && gap.after.equals(told))) {
                return;
            }
            Integer after = gap.after == null ? null : history.numbers.get(gap.after);
            boolean fromTheStart = after == null && next == 0;
            if (!fromTheStart && (after == null || after != next - 1)) {
                throw failure(topic, "gap after another event than #" + (next - 1) + ": " + gap);
            }
        }

        void end() {
            int count = history.events.size();
            if (toAnEpoch && history.epochs.contains(count)) {
                return;
            }
            if (next != UNKNOWN && next < count) {
                throw failure(topic, "lost #%d to #%d at the end".formatted(next, count - 1));
            }
            if (next == UNKNOWN && count > 0) {
                throw failure(topic, "got nothing of %d events".formatted(count));
            }
        }
    }
}
