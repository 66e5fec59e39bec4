package dev.longwave.core;

import static org.assertj.core.api.Assertions.assertThat;

import dev.longwave.broker.EphemeralMessage;
import dev.longwave.broker.Message;
import dev.longwave.broker.Position;
import dev.longwave.broker.Start;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Ephemeral events between those of the log. */
final class EphemeralTest {

    private static final int LOG_EVENTS = 8;
    private static final int PAGE_EVENTS = 4;
    private static final long EPOCH = 7; // the fake broker's

    private final FakeBroker broker = new FakeBroker();
    private @Nullable Hub hub;
    private final List<Outbox<LineBatch>> open = new ArrayList<>();

    @AfterEach
    void close() {
        open.forEach(outbox -> hub().release(outbox));
        hub().close();
    }

    @Test
    void reachesLiveReadersAndDoesNotMoveTheirCursors() {
        Outbox<LineBatch> outbox = live("a");

        Position one = broker.publish("a", "1");
        hub().broadcast("a", text(null, "typing"));

        LineBatch batch = batch(outbox);
        assertThat(batch.lines()).containsExactly("1", "typing");
        assertThat(batch.events().getLast().id()).isEqualTo(EventId.of("a", one));
        assertThat(outbox.id()).isEqualTo(EventId.of("a", one));
    }

    @Test
    void reachesReadersOfATopicWithoutEvents() {
        Outbox<LineBatch> outbox = live("a");

        broker.broadcast("a", "typing");
        broker.publish("a", "1");

        assertThat(take(outbox)).containsExactly("typing", "1");
    }

    @Test
    void isNotForReadersWhoComeLater() {
        Outbox<LineBatch> keeper = live("a");
        Position one = broker.publish("a", "1");
        broker.broadcast("a", "typing 1");
        Position two = broker.publish("a", "2");
        broker.broadcast("a", "typing 2");

        Outbox<LineBatch> live = live("a");
        Outbox<LineBatch> afterOne = after("a", one);
        Outbox<LineBatch> afterTwo = after("a", two);
        broker.broadcast("a", "typing 3");

        assertThat(take(live)).containsExactly("typing 3");
        assertThat(take(afterOne)).containsExactly("2", "typing 3");
        assertThat(take(afterTwo)).containsExactly("typing 3");
        assertThat(take(keeper)).containsExactly("1", "typing 1", "2", "typing 2", "typing 3");
        assertThat(broker.historyReads()).as("but for the topic's origin").isEqualTo(1);
    }

    @Test
    void costsAReaderThatItLapsNeitherAGapNorHistory() {
        Outbox<LineBatch> outbox = live("a");
        broker.publish("a", "1");
        take(outbox);
        int reads = broker.historyReads();

        broadcast("a", 1, 5 * LOG_EVENTS);

        assertThat(take(outbox)).containsExactlyElementsOf(typing(4 * LOG_EVENTS + 1));
        broadcast("a", 1, 5 * LOG_EVENTS);
        broker.publish("a", "2");
        assertThat(take(outbox)).endsWith("40", "2").doesNotContain("gap:expired");
        broadcast("a", 1, 5 * LOG_EVENTS);
        assertThat(take(outbox)).containsExactlyElementsOf(typing(4 * LOG_EVENTS + 1));
        assertThat(broker.historyReads()).isEqualTo(reads);
    }

    @Test
    void costsAReaderThatItLapsNoEventOfTheLog() {
        Outbox<LineBatch> outbox = live("a");
        broker.publish("a", "one");
        broadcast("a", 1, LOG_EVENTS);
        broker.publish("a", "two");
        broadcast("a", 1, 3 * LOG_EVENTS);

        var told = new ArrayList<>(takeAll(outbox, 2));
        broker.publish("a", "three");
        told.addAll(take(outbox));

        assertThat(told)
                .filteredOn(line -> line.length() > 2)
                .containsExactly("one", "two", "three");
        assertThat(broker.historyReads()).as("one for the origin, and one page").isEqualTo(2);
    }

    @Test
    void doesNotKeepAReaderInHistory() {
        Position cursor = broker.publish("a", "0");
        Outbox<LineBatch> keeper = live("a");
        for (int i = 1; i <= 3 * PAGE_EVENTS; i++) {
            broker.publish("a", "event " + i);
        }
        broker.beforeHistory(() -> broadcast("a", 1, 2 * LOG_EVENTS));

        Outbox<LineBatch> outbox = after("a", cursor);
        List<String> told = takeAll(outbox, 3 * PAGE_EVENTS);

        assertThat(told).filteredOn(line -> line.startsWith("event")).hasSize(3 * PAGE_EVENTS);
        assertThat(told).noneMatch(line -> line.startsWith("gap"));
        int reads = broker.historyReads();
        broker.publish("a", "last");
        assertThat(take(outbox)).contains("last");
        assertThat(broker.historyReads()).isEqualTo(reads);
        assertThat(keeper).isNotNull();
    }

    @Test
    void costsAReaderOfABrokerWithoutHistoryNoGap() {
        broker.withoutHistory();
        Outbox<LineBatch> outbox = live("a");

        broadcast("a", 1, 3 * LOG_EVENTS);
        broker.publish("a", "one");

        assertThat(take(outbox)).hasSize(LOG_EVENTS).endsWith("24", "one");
    }

    @Test
    void doesNotEndTheStreamOfASlowReader() {
        start(new LagPolicy.Disconnect());
        Outbox<LineBatch> outbox = live("a");

        broadcast("a", 1, 3 * LOG_EVENTS);

        assertThat(take(outbox)).hasSize(LOG_EVENTS);
    }

    @Test
    void costsAReaderOfAPatternNoGap() {
        broker.withPatterns();
        broker.beginBeyondTheTail(3);
        Outbox<LineBatch> keeper = live("a/*");
        broadcast("a/*", 1, 2 * LOG_EVENTS);

        Outbox<LineBatch> outbox = after("a/*", new Position(EPOCH, 0));
        broadcast("a/*", 1, 2 * LOG_EVENTS);
        broker.broadcast("a/*", "last");

        assertThat(takeAll(outbox, 1)).noneMatch(line -> line.startsWith("gap"));
        assertThat(keeper).isNotNull();
    }

    @Test
    void keepsTheNewestEventOfTheLogForADashboard() {
        start(new LagPolicy.Latest(2, false));
        Outbox<LineBatch> outbox = live("a");

        broker.publish("a", "state 1");
        broker.publish("a", "state 2");
        broker.broadcast("a", "typing 1");
        broker.broadcast("a", "typing 2");

        assertThat(take(outbox)).containsExactly("gap:skipped", "state 2", "typing 2");
    }

    @Test
    void tellsADashboardOfNoGapWhereOnlyEphemeralEventsWereSkipped() {
        start(new LagPolicy.Latest(2, false));
        Outbox<LineBatch> outbox = live("a");

        broker.publish("a", "state");
        broadcast("a", 1, 5);
        assertThat(take(outbox)).containsExactly("state", "5");
        broadcast("a", 1, 5 * LOG_EVENTS);
        assertThat(take(outbox)).containsExactly("40");
        broadcast("a", 1, 5 * LOG_EVENTS);
        broker.publish("a", "new state");
        assertThat(take(outbox)).containsExactly("40", "new state");
    }

    @Test
    void readsTheNewestStateBackThatEphemeralEventsHaveOverwritten() {
        start(new LagPolicy.Latest(2, false));
        Outbox<LineBatch> outbox = live("a");

        broker.publish("a", "state");
        broadcast("a", 1, 2 * LOG_EVENTS);

        assertThat(take(outbox)).contains("state").doesNotContain("gap:skipped");
    }

    @Test
    void tellsADashboardThatHistoryHasPutAheadOfNoGap() {
        start(new LagPolicy.Latest(2, false));
        Position cursor = broker.publish("a", "0");
        Outbox<LineBatch> keeper = live("a");
        broker.holdBack();
        broker.publish("a", "1");
        broker.publish("a", "2");
        Outbox<LineBatch> ahead = after("a", new Position(EPOCH, cursor.major() + 2));

        broker.deliver("a"); // which it has
        broadcast("a", 1, LOG_EVENTS - 1);
        broker.publish("a", "3");
        broker.deliver("a");

        assertThat(take(ahead)).containsExactly("7", "3");
        assertThat(keeper).isNotNull();
    }

    @Test
    void keepsTheNewestOfEachKey() {
        start(new LagPolicy.Latest(2, true));
        Outbox<LineBatch> outbox = live("a");

        broker.publish("a", text("ann", "state of ann"));
        hub().broadcast("a", text("ann", "ann is here"));
        hub().broadcast("a", text("ben", "ben is here"));
        hub().broadcast("a", text("ann", "ann is there"));
        hub().broadcast("a", text(null, "no key"));

        assertThat(take(outbox))
                .containsExactly("state of ann", "ben is here", "ann is there", "no key");
    }

    @Test
    void doesNotHideThatATopicHasEnded() {
        Outbox<LineBatch> keeper = live("a");
        Position end =
                broker.publish("a", Message.builder(new byte[] {'x'}).end(true).build()).position();
        broker.broadcast("a", "late");

        assertThat(take(keeper)).containsExactly("x");
        assertThat(after("a", end).nothingLeft()).isTrue();
        Outbox<LineBatch> late = live("a");
        assertThat(take(late)).containsExactly("x");
        assertThat(late.take(new LineBatch())).isFalse();
    }

    @Test
    void isFollowedByAHeartbeatThatNamesTheEventBefore() {
        Outbox<LineBatch> outbox = live("a");
        Position one = broker.publish("a", "1");
        broker.broadcast("a", "typing");
        take(outbox);

        Event last = Objects.requireNonNull(outbox.last());

        assertThat(last.id()).isEqualTo(EventId.of("a", one));
    }

    @Test
    void namesTheTopicOfAnEventThatCameThroughAPattern() {
        var message = EphemeralMessage.of(text("k", "typing")).in("a/b");

        Event event = Event.of("a/*", message, new Position(EPOCH, 5));

        assertThat(event.ephemeral()).isTrue();
        assertThat(Objects.requireNonNull(event.entry()).topic()).isEqualTo("a/b");
        assertThat(event.id()).isEqualTo(EventId.of("a/*", new Position(EPOCH, 5)));
    }

    @Test
    void isNotShownToPatternsIfOnlyServersUseItsTopic() {
        broker.withPatterns();
        Outbox<LineBatch> outbox = live("**");

        broker.broadcastIn("**", TopicName.RESERVED + "/presence", "of servers");
        broker.broadcastIn("**", "a", "typing");

        assertThat(take(outbox)).containsExactly("typing");
    }

    private Hub hub() {
        if (hub == null) {
            start(new LagPolicy.Replay());
        }
        return Objects.requireNonNull(hub);
    }

    private void start(LagPolicy lag) {
        hub =
                new Hub(
                        broker,
                        new HubOptions(
                                LOG_EVENTS,
                                1 << 20,
                                Duration.ofMinutes(1),
                                PAGE_EVENTS,
                                1 << 20,
                                1,
                                _ -> lag));
    }

    private Outbox<LineBatch> live(String topic) {
        return subscribe(topic, Optional.empty());
    }

    private Outbox<LineBatch> after(String topic, Position cursor) {
        return subscribe(topic, Optional.of(Start.after(cursor)));
    }

    private Outbox<LineBatch> subscribe(String topic, Optional<Start> start) {
        Outbox<LineBatch> outbox = hub().subscribe(Map.of(topic, start));
        open.add(outbox);
        return outbox;
    }

    private void broadcast(String topic, int first, int last) {
        for (int i = first; i <= last; i++) {
            broker.broadcast(topic, "" + i);
        }
    }

    /** The texts of those that the log still holds. */
    private static List<String> typing(int first) {
        return IntStream.range(first, first + LOG_EVENTS).mapToObj(Integer::toString).toList();
    }

    private static Message text(@Nullable String key, String data) {
        return Message.builder(data.getBytes(StandardCharsets.UTF_8)).key(key).build();
    }

    private static LineBatch batch(Outbox<LineBatch> outbox) {
        var batch = new LineBatch();
        assertThat(outbox.take(batch)).isTrue();
        return batch;
    }

    private static List<String> take(Outbox<LineBatch> outbox) {
        return batch(outbox).lines();
    }

    private static List<String> takeAll(Outbox<LineBatch> outbox, int count) {
        var told = new ArrayList<String>();
        while (told.size() < count) {
            told.addAll(take(outbox));
        }
        return told;
    }
}
