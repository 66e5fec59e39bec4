package dev.longwave.testing;

import java.util.List;
import java.util.Random;
import java.util.function.Function;

/**
 * Events of one topic with everything in them that an event stream could stumble over, each kind in
 * turn. The same seed gives the same events. One thread.
 */
public final class MixedEvents {

    private static final int LONG_DATA_BYTES = 40_000;

    private static final List<String> PIECES =
            List.of(
                    "\n",
                    "\r",
                    "\r\n",
                    "\n\n",
                    "\r\r",
                    " ",
                    "\t",
                    ":",
                    "data: ",
                    "id: 7",
                    "event:",
                    "retry: 1",
                    "\uFEFF",
                    "\0",
                    "é",
                    "漢",
                    "\uD83D\uDE80",
                    "\u2028",
                    "\u0085",
                    "\u007F",
                    "{\"a\":\"b\"}",
                    "plain");

    private final String topic;
    private final Random random;
    private final boolean withLong;
    private int next;

    private MixedEvents(String topic, long seed, boolean withLong) {
        this.topic = topic;
        this.random = new Random(seed);
        this.withLong = withLong;
    }

    /** All kinds. */
    public static MixedEvents of(String topic, long seed) {
        return new MixedEvents(topic, seed, true);
    }

    /** All kinds but the long ones, for trying each byte of a stream. */
    public static MixedEvents shortOnes(String topic, long seed) {
        return new MixedEvents(topic, seed, false);
    }

    /** How many events have all kinds among them. */
    public static int kinds() {
        return KINDS.size();
    }

    /** The next event. */
    public TestEvent next() {
        int number = next++;
        Kind kind = KINDS.get(number % KINDS.size());
        return kind.event(this, number, TestEvent.mark(topic, number));
    }

    private interface Kind {
        TestEvent event(MixedEvents events, int number, String mark);
    }

    private static final List<Kind> KINDS =
            List.of(
                    data(mark -> mark),
                    data(mark -> mark + "\nsecond line\nthird line"),
                    data(mark -> mark + "\r\nafter CRLF\rafter CR\n\rafter LF and CR"),
                    data(mark -> "   " + mark + "\n  leading spaces\n\ttab "),
                    (events, number, mark) -> new TestEvent(events.topic, number, "", mark, null),
                    (events, number, mark) -> new TestEvent(events.topic, number, "\n", mark, null),
                    (events, number, mark) ->
                            new TestEvent(events.topic, number, "\r\n\r\n", mark, "blank"),
                    data(mark -> "\n\n" + mark + "\n\n"),
                    data(mark -> mark + "\r"),
                    data(mark -> "\uFEFF" + mark + " a \uFEFF inside"),
                    data(mark -> "\0" + mark + "\0"),
                    data(mark -> mark + " \uD83D\uDE80 \uD834\uDD1E 漢字 é \u2028 \u0085"),
                    data(mark -> mark + "\nid: 1\nevent: x\nretry: 1\n\n: comment\ndata: no"),
                    (events, number, mark) ->
                            new TestEvent(events.topic, number, mark, "type: with é 漢 🚀", "k ü"),
                    (events, number, mark) ->
                            new TestEvent(events.topic, number, mark, " spaced ", "k" + number % 3),
                    MixedEvents::anything,
                    MixedEvents::longData);

    private static Kind data(Function<String, String> text) {
        return (events, number, mark) ->
                new TestEvent(events.topic, number, text.apply(mark), null, null);
    }

    private static TestEvent anything(MixedEvents events, int number, String mark) {
        var data = new StringBuilder(mark);
        for (int i = events.random.nextInt(20); i > 0; i--) {
            data.append(PIECES.get(events.random.nextInt(PIECES.size())));
        }
        return new TestEvent(events.topic, number, data.toString(), null, null);
    }

    private static TestEvent longData(MixedEvents events, int number, String mark) {
        var data = new StringBuilder(mark);
        int length = events.withLong ? LONG_DATA_BYTES : 100;
        while (data.length() < length) {
            data.append(events.random.nextInt())
                    .append(events.random.nextInt(50) == 0 ? "\n" : " ");
        }
        return new TestEvent(events.topic, number, data.toString(), "long", null);
    }
}
