package dev.longwave.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.longwave.testing.Oracle.Begin;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

final class OracleTest {
    private final Oracle oracle = new Oracle(4711);

    @BeforeEach
    void publishTen() {
        publish("t", 0, 10);
    }

    @Test
    void acceptsWhatWasPublished() {
        assertAccepted(range(0, 10));
        assertThat(oracle.sawTheLastOf(range(0, 10), "t")).isTrue();
        assertThat(oracle.sawTheLastOf(range(0, 9), "t")).isFalse();
    }

    @Test
    void countsTheLastEventAsSeenIfAGapReachesOverIt() {
        assertThat(oracle.sawTheLastOf(joined(range(0, 8), gap("expired", "h.7", "h.9")), "t"))
                .isTrue();
        assertThat(oracle.sawTheLastOf(joined(range(0, 8), gap("expired", "h.7", "h.8")), "t"))
                .isFalse();
        assertThat(oracle.sawTheLastOf(joined(range(0, 8), gap("skipped", "h.7", "h.9")), "t"))
                .isFalse();
    }

    @Test
    void acceptsABeginAnywhereIfItIsSaid() {
        assertThatCode(() -> oracle.verify(range(4, 10), Begin.ANYWHERE, "t"))
                .doesNotThrowAnyException();
        assertRefused(range(4, 10), "lost #0 to #3 in silence");
    }

    @Test
    void reportsALostEvent() {
        assertRefused(joined(range(0, 3), range(5, 10)), "lost #3 to #4 in silence");
        assertRefused(range(0, 8), "lost #8 to #9 at the end");
        assertRefused(List.of(), "lost #0 to #9 at the end");
        assertThatThrownBy(() -> oracle.verify(List.of(), Begin.ANYWHERE, "t"))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("got nothing of 10");
    }

    @Test
    void reportsARepeatedEvent() {
        assertRefused(joined(range(0, 5), range(4, 10)), "got #4 after #4");
    }

    @Test
    void reportsAReorderedEvent() {
        assertRefused(
                joined(range(0, 3), List.of(event(4), event(3)), range(5, 10)), "lost #3 to #3");
    }

    @Test
    void reportsChangedContent() {
        ReceivedEvent right = event(3);

        assertRefused(
                with(new ReceivedEvent(right.lastEventId(), "message", right.data() + "x")),
                "#3 has other data from character 5 on: expected \"\" got \"x\"");
        assertRefused(
                with(new ReceivedEvent(right.lastEventId(), "x", right.data())),
                "#3 has other type");
        assertRefused(
                with(new ReceivedEvent("h.4", "message", right.data())),
                "which has not its position h.3");
    }

    @Test
    void reportsWhatNobodyPublished() {
        assertRefused(with(new ReceivedEvent("h.3", "message", "x")), "nobody published");
        assertRefused(with(new ReceivedEvent("h.3", "message", "[t#10]")), "was not published");
        assertRefused(
                with(new ReceivedEvent("h.3", "message", "[u#3]")), "not a topic of this stream");
    }

    @Test
    void namesTheSeed() {
        assertRefused(range(1, 10), "seed=4711");
    }

    @Test
    void acceptsAGapThatCoversWhatIsMissing() {
        assertAccepted(joined(range(0, 3), gap("expired", "h.2", "h.5"), range(6, 10)));
        assertAccepted(joined(gap("expired", null, "h.5"), range(6, 10)));
        assertAccepted(joined(gap("expired", "h.before-the-first", "h.5"), range(6, 10)));
        assertAccepted(
                joined(
                        range(0, 3),
                        gap("expired", "h.2", "h.5"),
                        gap("expired", "h.5", "h.6"),
                        range(7, 10)));
        assertAccepted(joined(range(0, 8), gap("expired", "h.7", "h.9")));
    }

    @Test
    void reportsAGapThatCoversOtherThanWhatIsMissing() {
        assertRefused(
                joined(range(0, 3), gap("expired", "h.2", "h.4"), range(6, 10)), "lost #5 to #5");
        assertRefused(
                joined(range(0, 3), gap("expired", "h.2", "h.6"), range(6, 10)), "got #6 after #6");
        assertRefused(
                joined(range(0, 3), gap("expired", "h.1", "h.5"), range(6, 10)),
                "gap after another event than #2");
        assertRefused(
                joined(range(0, 3), gap("expired", null, "h.5"), range(6, 10)),
                "gap after another event than #2");
        assertRefused(
                joined(range(0, 3), gap("expired", "h.2", "h.2"), range(3, 10)), "nothing missing");
        assertRefused(
                joined(range(0, 3), gap("expired", "h.2", "h.x"), range(6, 10)),
                "position of no event");
        assertRefused(
                joined(range(0, 3), List.of(new ReceivedEvent("", "gap", "{}"))), "cannot be read");
    }

    @Test
    void acceptsALostLogIfTheGapLeadsToTheNewEpoch() {
        oracle.epochChanged();
        publish("t", 10, 13);

        assertAccepted(joined(range(0, 10), gap("epoch-changed", "h.9", "h.new"), range(10, 13)));
        assertAccepted(joined(range(0, 7), gap("epoch-changed", "h.6", "h.new"), range(10, 13)));
        assertAccepted(joined(range(0, 7), gap("epoch-changed", "h.6", "h.10"), range(11, 13)));
        assertRefused(
                joined(range(0, 7), gap("epoch-changed", "h.6", "h.new"), range(11, 13)),
                "no epoch begins there");
        assertRefused(
                joined(range(0, 7), gap("epoch-changed", "h.6", "h.new"), range(8, 13)),
                "no epoch begins there");
        assertRefused(joined(range(0, 7), range(10, 13)), "lost #7 to #9");
    }

    @Test
    void acceptsSomeOfTheSkippedEventsAndTheNewest() {
        assertAccepted(joined(range(0, 3), gap("skipped", "h.2", "h.8"), range(8, 10)));
        assertAccepted(
                joined(
                        range(0, 3),
                        gap("skipped", "h.2", "h.8"),
                        List.of(event(4), event(7)),
                        range(8, 10)));
        assertRefused(
                joined(range(0, 3), gap("skipped", "h.2", "h.8"), range(9, 10)), "lost #8 to #8");
        assertRefused(
                joined(
                        range(0, 3),
                        gap("skipped", "h.2", "h.8"),
                        List.of(event(7), event(4)),
                        range(8, 10)),
                "got #4 after #7");
    }

    @Test
    void judgesEachTopicOfAStreamByItself() {
        oracle.published(new TestEvent("u", 0, "[u#0]", null, null), "k.0");
        oracle.published(new TestEvent("u", 1, "[u#1]", null, null), "k.1");
        var received = new ArrayList<>(range(0, 10));
        received.add(2, new ReceivedEvent("h.1,k.0", "message", "[u#0]"));
        received.add(new ReceivedEvent("h.9,k.1", "message", "[u#1]"));

        oracle.verify(received, Begin.EARLIEST, "t", "u");
        received.remove(2);

        assertThatThrownBy(() -> oracle.verify(received, Begin.EARLIEST, "t", "u"))
                .isInstanceOf(AssertionError.class)
                .hasMessageStartingWith("topic=u: lost #0 to #0");
    }

    @Test
    void acceptsMixedEventsThatWentThroughAnEventStream() {
        MixedEvents events = MixedEvents.of("m/é", 1);
        var stream = new StringBuilder();
        for (int i = 0; i < 4 * MixedEvents.kinds(); i++) {
            TestEvent event = events.next();
            oracle.published(event, "m." + i);
            stream.append("id: m.").append(i).append('\n');
            if (event.type() != null) {
                stream.append("event: ").append(event.type()).append('\n');
            }
            for (String line : event.data().split("\r\n|\r|\n", -1)) {
                stream.append("data: ").append(line).append('\n');
            }
            stream.append('\n');
        }

        List<ReceivedEvent> received = parsed(stream.toString());

        assertThat(received).hasSize(4 * MixedEvents.kinds());
        oracle.verify(received, Begin.EARLIEST, "m/é");
    }

    private static List<ReceivedEvent> parsed(String stream) {
        var received = new ArrayList<ReceivedEvent>();
        var ids = new ArrayList<>(List.of(""));
        var parser =
                new EventStreamParser(
                        new EventStreamParser.Source() {
                            @Override
                            public void lastEventId(String id) {
                                ids.add(id);
                            }

                            @Override
                            public void event(String type, String data) {
                                received.add(new ReceivedEvent(ids.getLast(), type, data));
                            }

                            @Override
                            public void reconnectionTime(Duration time) {
                                throw new AssertionError("data became a field");
                            }
                        });
        byte[] bytes = stream.getBytes(StandardCharsets.UTF_8);
        parser.accept(bytes, 0, bytes.length);
        return received;
    }

    private void publish(String topic, int from, int to) {
        for (int i = from; i < to; i++) {
            oracle.published(
                    new TestEvent(topic, i, TestEvent.mark(topic, i), null, null), "h." + i);
        }
    }

    private void assertAccepted(List<ReceivedEvent> received) {
        oracle.verify(received, Begin.EARLIEST, "t");
    }

    private void assertRefused(List<ReceivedEvent> received, String message) {
        assertThatThrownBy(() -> oracle.verify(received, Begin.EARLIEST, "t"))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining(message);
    }

    private static List<ReceivedEvent> with(ReceivedEvent third) {
        return joined(range(0, 3), List.of(third), range(4, 10));
    }

    private static ReceivedEvent event(int number) {
        return new ReceivedEvent("h." + number, "message", TestEvent.mark("t", number));
    }

    private static List<ReceivedEvent> range(int from, int to) {
        return IntStream.range(from, to).mapToObj(OracleTest::event).toList();
    }

    private static List<ReceivedEvent> gap(String reason, @Nullable String after, String before) {
        String data =
                "{\"topic\":\"t\",\"reason\":\"%s\",\"after\":%s,\"before\":\"%s\"}"
                        .formatted(reason, after == null ? "null" : '"' + after + '"', before);
        return List.of(new ReceivedEvent(before, "gap", data));
    }

    @SafeVarargs
    private static List<ReceivedEvent> joined(List<ReceivedEvent>... parts) {
        var all = new ArrayList<ReceivedEvent>();
        for (List<ReceivedEvent> part : parts) {
            all.addAll(part);
        }
        return all;
    }
}
