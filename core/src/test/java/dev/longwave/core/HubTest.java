package dev.longwave.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.longwave.broker.BrokerUnavailableException;
import dev.longwave.broker.GapReason;
import dev.longwave.broker.Message;
import dev.longwave.broker.Position;
import dev.longwave.broker.Start;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What a connection is told, from its first event to its last, through all seams. */
final class HubTest {

    private static final int LOG_EVENTS = 8;
    private static final long EPOCH = 7; // the fake broker's first
    private static final int PAGE_EVENTS = 4;

    private final FakeBroker broker = new FakeBroker();
    private @Nullable Hub hub;
    private final List<Outbox<LineBatch>> open = new ArrayList<>();

    @AfterEach
    void close() {
        open.forEach(outbox -> hub().release(outbox));
        hub().close();
    }

    @Test
    void deliversWhatIsPublishedAfterSubscribing() {
        broker.publish("a", "before");
        Outbox<LineBatch> outbox = live("a");

        broker.publish("a", "one");
        broker.publish("a", "two");

        assertThat(take(outbox)).containsExactly("one", "two");
    }

    @Test
    void resumesFromTheLogWithoutAskingHistory() {
        Outbox<LineBatch> keeper = live("a");
        Position cursor = broker.publish("a", "1");
        broker.publish("a", "2");
        take(keeper);
        int reads = broker.historyReads();

        Outbox<LineBatch> outbox = after("a", cursor);

        assertThat(take(outbox)).containsExactly("2");
        assertThat(broker.historyReads()).isEqualTo(reads);
    }

    @Test
    void resumesFromHistoryAndGoesOnLiveWithoutSeam() {
        Position cursor = broker.publish("a", "0");
        publish("a", 1, 3 * PAGE_EVENTS);
        Outbox<LineBatch> outbox = after("a", cursor);

        publish("a", 3 * PAGE_EVENTS + 1, 3 * PAGE_EVENTS + 2);

        assertThat(takeAll(outbox, 3 * PAGE_EVENTS + 2))
                .containsExactlyElementsOf(numbers(1, 3 * PAGE_EVENTS + 2));
    }

    @Test
    void resumesFromTheLogsOrigin() {
        Position cursor = broker.publish("a", "before");
        Outbox<LineBatch> outbox = after("a", cursor);

        broker.publish("a", "after");

        assertThat(take(outbox)).containsExactly("after");
    }

    @Test
    void readsBackWhatTheLogLappedWithoutLossOrRepeat() {
        Outbox<LineBatch> outbox = live("a");

        publish("a", 1, 5 * LOG_EVENTS);

        assertThat(takeAll(outbox, 5 * LOG_EVENTS))
                .containsExactlyElementsOf(numbers(1, 5 * LOG_EVENTS));
    }

    @Test
    void keepsUpWithPublishingWhileItReadsBack() {
        Outbox<LineBatch> outbox = live("a");
        publish("a", 1, 3 * LOG_EVENTS);
        var next = new int[] {3 * LOG_EVENTS + 1};
        broker.beforeHistory(() -> {
            if (next[0] < 10 * LOG_EVENTS) {
                publish("a", next[0], next[0] + 2);
                next[0] += 3;
            }
        });

        List<String> told = takeAll(outbox, 6 * LOG_EVENTS);

        assertThat(told).startsWith(numbers(1, 6 * LOG_EVENTS).toArray(String[]::new));
    }

    @Test
    void skipsWhatComesLateFromTheBrokerIfHistoryHadItAlready() {
        Position cursor = broker.publish("a", "0");
        Outbox<LineBatch> keeper = live("a");
        broker.holdBack();
        publish("a", 1, 2);
        Outbox<LineBatch> outbox = after("a", new Position(cursor.epoch(), cursor.major() + 1));
        Outbox<LineBatch> ahead = after("a", new Position(cursor.epoch(), cursor.major() + 2));

        broker.deliver("a");
        broker.publish("a", "3");
        broker.deliver("a");

        assertThat(takeAll(outbox, 2)).containsExactly("2", "3");
        assertThat(take(ahead)).containsExactly("3");
        assertThat(take(keeper)).containsExactly("1", "2", "3");
    }

    @Test
    void tellsOfExpiredHistory() {
        Position cursor = broker.publish("a", "1");
        publish("a", 2, 5);
        broker.forgetUpTo("a", 3);

        Outbox<LineBatch> outbox = after("a", cursor);

        assertThat(take(outbox)).containsExactly("gap:expired", "4", "5");
    }

    @Test
    void tellsOfAnotherEpoch() {
        Position cursor = broker.publish("a", "1");
        broker.restart();
        broker.publish("a", "new");

        Outbox<LineBatch> outbox = after("a", cursor);

        assertThat(take(outbox)).containsExactly("gap:epoch-changed", "new");
    }

    @Test
    void tellsOfALogThatLostItsTail() {
        Position cursor = broker.publish("a", "1");
        Outbox<LineBatch> outbox = after("a", new Position(cursor.epoch(), 17));

        broker.publish("a", "2");

        assertThat(takeAll(outbox, 2)).containsExactly("gap:log-lost", "2");
    }

    @Test
    void tellsOfMissingHistoryWhereTheBrokerKeepsNone() {
        broker.withoutHistory();
        Outbox<LineBatch> outbox = live("a");

        publish("a", 1, 3 * LOG_EVENTS);

        List<String> told = takeAll(outbox, LOG_EVENTS);
        assertThat(told.getFirst()).isEqualTo("gap:no-history");
        assertThat(told.getLast()).isEqualTo(Integer.toString(3 * LOG_EVENTS));
        assertThat(told.subList(1, told.size())).isSubsetOf(numbers(1, 3 * LOG_EVENTS));
    }

    @Test
    void passesOnTheBrokersOwnGaps() {
        Outbox<LineBatch> outbox = live("a");
        Position one = broker.publish("a", "1");

        broker.gap("a", one, new Position(one.epoch(), 9), GapReason.EXPIRED);

        assertThat(take(outbox)).containsExactly("1", "gap:expired");
        assertThat(outbox.id()).isEqualTo(EventId.of("a", new Position(one.epoch(), 9)));
    }

    @Test
    void sendsReadersBackToWhereALogGoesOnThatLostItsNewest() {
        Outbox<LineBatch> outbox = live("a");
        publish("a", 1, 5);
        assertThat(take(outbox)).hasSize(5);

        loseNewest("a", 3);
        broker.publish("a", "new");

        assertThat(take(outbox)).containsExactly("gap:log-lost", "new");
        assertThat(outbox.id()).isEqualTo(EventId.of("a", new Position(EPOCH, 3)));
    }

    @Test
    void tellsOfTheLossToWhoWasAwayMeanwhile() {
        Outbox<LineBatch> outbox = live("a");
        publish("a", 1, 5);
        take(outbox);
        loseNewest("a", 3);
        broker.publish("a", "new");

        assertThat(take(after("a", new Position(EPOCH, 5)))).startsWith("gap:log-lost");
        assertThat(take(after("a", new Position(EPOCH, 1))))
                .containsSubsequence("2", "gap:log-lost", "new");
        assertThat(take(after("a", new Position(EPOCH, 2)))).containsExactly("new");
    }

    @Test
    void tellsOfTheLossToWhoWantsTheLatestOnly() {
        start(options(_ -> new LagPolicy.Latest(2, false)));
        Outbox<LineBatch> outbox = live("a");
        publish("a", 1, 1);
        take(outbox);
        publish("a", 2, 5);
        assertThat(take(outbox)).containsExactly("gap:skipped", "5");

        loseNewest("a", 3);
        publish("a", 6, 8);

        assertThat(take(outbox)).containsExactly("gap:log-lost", "gap:skipped", "8");
    }

    @Test
    void repeatsNothingToWhoWasAtANodeThatIsAhead() {
        broker.withoutHistory();
        live("a");
        publish("a", 1, 3);

        Outbox<LineBatch> outbox = after("a", new Position(EPOCH, 5));
        publish("a", 4, 6);

        assertThat(take(outbox)).containsExactly("6");
    }

    @Test
    void sendsAwayWhoKnowsOfANewLogBeforeItDoes() {
        live("a");
        publish("a", 1, 3);
        broker.restart();
        broker.holdBack();
        Position newer = broker.publish("a", "new");

        Outbox<LineBatch> outbox = after("a", newer);

        assertThatThrownBy(() -> outbox.take(batch()))
                .isInstanceOf(BrokerUnavailableException.class);
    }

    @Test
    void beginsWithTheLastValue() {
        publish("a", 1, 3);

        Outbox<LineBatch> outbox = from("a", Start.last(1));

        assertThat(take(outbox)).containsExactly("3");
    }

    @Test
    void beginsWithTheEarliest() {
        publish("a", 1, 3);
        broker.forgetUpTo("a", 1);

        Outbox<LineBatch> outbox = from("a", Start.earliest());

        assertThat(take(outbox)).containsExactly("2", "3");
    }

    @Test
    void closesAfterTheEnd() {
        Outbox<LineBatch> outbox = live("a");

        end("a", "done");

        assertThat(take(outbox)).containsExactly("done");
        assertThat(outbox.take(batch())).isFalse();
        assertThat(outbox.closeReason()).isEqualTo(CloseReason.ENDED);
    }

    @Test
    void hasNothingLeftForWhoHasSeenTheEnd() {
        broker.publish("a", "1");
        Position end = end("a", "done");

        assertThat(after("a", end).nothingLeft()).isTrue();
    }

    @Test
    void tellsTheEndToWhoComesLate() {
        end("a", "done");

        Outbox<LineBatch> outbox = live("a");

        assertThat(outbox.nothingLeft()).isFalse();
        assertThat(take(outbox)).containsExactly("done");
        assertThat(outbox.take(batch())).isFalse();
    }

    @Test
    void goesOnWhenAnEndedTopicIsUsedAgain() {
        Position end = end("a", "done");
        broker.publish("a", "again");

        Outbox<LineBatch> outbox = after("a", end);

        assertThat(outbox.nothingLeft()).isFalse();
        assertThat(take(outbox)).containsExactly("again");
    }

    @Test
    void endsAStreamOfSeveralTopicsWithTheLastOfThem() {
        Outbox<LineBatch> outbox = subscribe(Map.of("a", Optional.empty(), "b", Optional.empty()));

        end("a", "done a");

        assertThat(take(outbox)).containsExactly("done a");
        broker.publish("b", "more");
        assertThat(take(outbox)).containsExactly("more");
        end("b", "done b");
        assertThat(take(outbox)).containsExactly("done b");
        assertThat(outbox.take(batch())).isFalse();
    }

    @Test
    void givesEachEventOfSeveralTopicsTheVectorOfAllOfThem() {
        Position a = broker.publish("a", "before");
        Map<String, Optional<Start>> starts = new LinkedHashMap<>();
        starts.put("a", Optional.empty());
        starts.put("b", Optional.empty());
        Outbox<LineBatch> outbox = subscribe(starts);

        Position b = broker.publish("b", "one");

        LineBatch batch = batch();
        outbox.take(batch);
        assertThat(batch.events())
                .singleElement()
                .satisfies(event ->
                        assertThat(event.id())
                                .isEqualTo(EventId.of("a", a) + ',' + EventId.of("b", b)));
    }

    @Test
    void skipsToTheLatestForASlowDashboard() {
        start(options(_ -> new LagPolicy.Latest(2, false)));
        Outbox<LineBatch> outbox = live("a");

        publish("a", 1, 5);

        assertThat(take(outbox)).containsExactly("gap:skipped", "5");
    }

    @Test
    void keepsTheNewestOfEachKeyForASlowDashboard() {
        start(options(_ -> new LagPolicy.Latest(2, true)));
        Outbox<LineBatch> outbox = live("a");

        for (String keyed : List.of("x1", "y1", "x2", "y2", "x3")) {
            broker.publish(
                    "a",
                    Message.builder(keyed.getBytes(StandardCharsets.UTF_8))
                            .key(keyed.substring(0, 1))
                            .build());
        }

        assertThat(take(outbox)).containsExactly("gap:skipped", "y2", "x3");
    }

    @Test
    void tellsADashboardThatTheLogLappedOfTheGap() {
        start(options(_ -> new LagPolicy.Latest(100 * LOG_EVENTS, false)));
        Outbox<LineBatch> outbox = live("a");

        publish("a", 1, 3 * LOG_EVENTS);

        assertThat(take(outbox)).containsExactly("gap:skipped", Integer.toString(3 * LOG_EVENTS));
    }

    @Test
    void doesNotSkipForADashboardThatKeepsUp() {
        start(options(_ -> new LagPolicy.Latest(2, false)));
        Outbox<LineBatch> outbox = live("a");

        publish("a", 1, 2);

        assertThat(take(outbox)).containsExactly("1", "2");
    }

    /** History may be ahead of the log, which then brings again what the reader has. */
    @Test
    void tellsOfNoGapWhenOnlyEventsThatTheReaderHasWereSkipped() {
        start(options(_ -> new LagPolicy.Latest(2, false)));
        live("a");
        publish("a", 1, 5);
        broker.holdBack();
        publish("a", 6, 10);
        Outbox<LineBatch> outbox = after("a", new Position(EPOCH, 7));
        assertThat(take(outbox)).containsExactly("8", "9", "10");

        publish("a", 11, 11);
        broker.deliver("a");

        assertThat(take(outbox)).containsExactly("11");
    }

    @Test
    void disconnectsASlowReaderWhereThePolicySaysSo() {
        start(options(_ -> new LagPolicy.Disconnect()));
        Outbox<LineBatch> outbox = live("a");

        publish("a", 1, 3 * LOG_EVENTS);

        assertThat(outbox.take(batch())).isFalse();
        assertThat(outbox.closeReason()).isEqualTo(CloseReason.TOO_SLOW);
    }

    @Test
    void namesTheTopicOfAnEventThatCameThroughAPattern() {
        broker.withPatterns();
        Outbox<LineBatch> outbox = live("jobs/*");

        Position position = broker.publishIn("jobs/*", "jobs/1", text(null, "one", false));

        LineBatch batch = batch();
        outbox.take(batch);
        assertThat(batch.events())
                .singleElement()
                .satisfies(event -> {
                    assertThat(event.topic()).isEqualTo("jobs/1");
                    assertThat(event.line()).isEqualTo("one");
                    assertThat(event.id()).isEqualTo(EventId.of("jobs/*", position));
                });
    }

    @Test
    void sharesAStreamBetweenTopicsAndPatterns() {
        broker.withPatterns();
        Map<String, Optional<Start>> starts = new LinkedHashMap<>();
        starts.put("a", Optional.empty());
        starts.put("jobs/*", Optional.empty());
        Outbox<LineBatch> outbox = subscribe(starts);

        Position a = broker.publish("a", "one");
        Position job = broker.publishIn("jobs/*", "jobs/1", text(null, "two", false));

        LineBatch batch = batch();
        outbox.take(batch);
        assertThat(batch.events())
                .extracting(LineBatch.Told::topic)
                .containsExactly(null, "jobs/1");
        assertThat(batch.events().getLast().id())
                .isEqualTo(EventId.of("a", a) + ',' + EventId.of("jobs/*", job));
    }

    @Test
    void goesOnWithAPatternWhenOneOfItsTopicsEnds() {
        broker.withPatterns();
        Outbox<LineBatch> outbox = live("jobs/*");

        Position end = broker.publishIn("jobs/*", "jobs/1", text(null, "done", true));

        assertThat(take(outbox)).containsExactly("done");
        assertThat(nothingButAHeartbeat(outbox)).isTrue();
        assertThat(after("jobs/*", end).nothingLeft()).isFalse();
    }

    @Test
    void keepsTheNewestOfEachKeyOfEachTopicOfAPattern() {
        broker.withPatterns();
        start(options(_ -> new LagPolicy.Latest(2, true)));
        Outbox<LineBatch> outbox = live("jobs/*");

        for (String event : List.of("1x", "2x", "1y", "1x", "2", "1", "1", "2x")) {
            String key = event.length() == 1 ? null : event.substring(1);
            broker.publishIn("jobs/*", "jobs/" + event.charAt(0), text(key, event, false));
        }

        assertThat(take(outbox)).containsExactly("gap:skipped", "1y", "1x", "2", "1", "2x");
    }

    @Test
    void resumesAPatternWhoseLogBeginsBeyondItsLastEvent() {
        broker.withPatterns();
        broker.beginBeyondTheTail(1000);
        Position seen = broker.publishIn("jobs/*", "jobs/1", text(null, "1", false));
        broker.publishIn("jobs/*", "jobs/1", text(null, "2", false));
        broker.forgetUpTo("jobs/*", 2);

        Outbox<LineBatch> outbox = after("jobs/*", new Position(seen.epoch(), 2));

        assertThat(nothingButAHeartbeat(outbox)).isTrue();
    }

    @Test
    void refusesAPatternThatTheBrokerCannotHave() {
        assertThatThrownBy(() -> live("jobs/*"))
                .isInstanceOf(UnsupportedOperationException.class)
                .hasMessage("the broker has no patterns");
        assertThatThrownBy(() -> hub().history("jobs/*", Start.earliest(), null, 1, 1))
                .isInstanceOf(UnsupportedOperationException.class)
                .hasMessage("the broker has no patterns");
        assertThat(broker.historyReads()).isZero();
    }

    @Test
    void sendsAHeartbeatAtTheSecondBeatWithoutAnEvent() {
        Outbox<LineBatch> outbox = live("a");

        assertThat(nothingButAHeartbeat(outbox)).isTrue();
    }

    /** It begins with the last event, which the log must not take away from it. */
    @Test
    void losesNothingOfAnEndedTopicThatGoesOnBeforeTheReaderComesToIt() {
        end("a", "end");
        Outbox<LineBatch> outbox = live("a");

        publish("a", 1, 3 * LOG_EVENTS);

        List<String> all = takeAll(outbox, 1 + 3 * LOG_EVENTS);
        assertThat(all.getFirst()).isEqualTo("end");
        assertThat(all.subList(1, all.size()))
                .containsExactlyElementsOf(numbers(1, 3 * LOG_EVENTS));
    }

    @Test
    void sendsNoHeartbeatAfterAnEvent() {
        Outbox<LineBatch> outbox = live("a");
        outbox.beat();
        broker.publish("a", "1");
        outbox.beat();
        assertThat(take(outbox)).containsExactly("1");

        assertThat(nothingButAHeartbeat(outbox)).isTrue(); // and no second one waits behind it
        assertThat(take(outbox, () -> broker.publish("a", "2"))).containsExactly("2");
    }

    @Test
    void knowsTheEventAtWhichAnIdleStreamStands() {
        broker.publish("a", "0");
        Outbox<LineBatch> outbox = live("a");
        Outbox<LineBatch> another = live("a");
        assertThat(outbox.last()).isNotNull().isSameAs(another.last());

        broker.publish("a", "1");
        assertThat(take(outbox)).containsExactly("1");

        assertThat(outbox.last()).isNotNull().isNotSameAs(another.last());
        assertThat(outbox.last().id()).isEqualTo(outbox.id());
        assertThat(subscribe(Map.of("a", Optional.empty(), "b", Optional.empty())).last()).isNull();
    }

    @Test
    void addsATopicToAnOpenStream() {
        Outbox<LineBatch> outbox = hub().open();
        open.add(outbox);
        Position cursor = broker.publish("a", "0");
        publish("a", 1, 2);

        assertThat(hub().add(outbox, "a", Optional.of(Start.after(cursor)))).isTrue();
        assertThat(hub().add(outbox, "b", Optional.empty())).isTrue();
        broker.publish("a", "3");
        broker.publish("b", "b");

        assertThat(takeAll(outbox, 4)).containsExactlyInAnyOrder("1", "2", "3", "b");
        assertThat(outbox.count()).isEqualTo(2);
    }

    @Test
    void removesATopicFromAnOpenStream() {
        start(options(_ -> new LagPolicy.Replay(), Duration.ofMillis(20)));
        Outbox<LineBatch> outbox = live("a");
        hub().add(outbox, "b", Optional.empty());

        hub().remove(outbox, "a");
        broker.publish("a", "a");
        broker.publish("b", "b");

        assertThat(take(outbox)).containsExactly("b");
        await().until(() -> !broker.hasSubscription("a"));
        assertThat(broker.hasSubscription("b")).isTrue();
    }

    @Test
    void keepsAStreamOpenWhoseAddedTopicEnds() {
        Outbox<LineBatch> outbox = hub().open();
        open.add(outbox);
        hub().add(outbox, "a", Optional.empty());

        end("a", "done");

        assertThat(take(outbox)).containsExactly("done");
        assertThat(nothingButAHeartbeat(outbox)).isTrue();
    }

    @Test
    void addsNothingToAStreamThatWasReleased() {
        Outbox<LineBatch> outbox = hub().open();
        hub().release(outbox);

        assertThat(hub().add(outbox, "a", Optional.empty())).isFalse();

        assertThat(hub().subscriptionCount()).isZero();
    }

    @Test
    void releasesWhatWasAddedAndNeverTaken() {
        start(options(_ -> new LagPolicy.Replay(), Duration.ofMillis(20)));
        Outbox<LineBatch> outbox = hub().open();
        hub().add(outbox, "a", Optional.empty());

        hub().release(outbox);

        assertThat(hub().subscriptionCount()).isZero();
        await().until(() -> hub().topicCount() == 0 && !broker.hasSubscription("a"));
    }

    @Test
    void givesUpAllOtherIdleTopicsWhenOneFails() {
        start(options(_ -> new LagPolicy.Replay(), Duration.ofMillis(20)));
        broker.failToClose("b");
        Outbox<LineBatch> outbox =
                subscribe(
                        Map.of(
                                "a",
                                Optional.empty(),
                                "b",
                                Optional.empty(),
                                "c",
                                Optional.empty()));
        open.clear();

        hub().release(outbox);

        await().until(() -> !broker.hasSubscription("a") && !broker.hasSubscription("c"));
    }

    @Test
    void comesBackWhenInterrupted() {
        Outbox<LineBatch> outbox = live("a");

        Thread.currentThread().interrupt();

        assertThat(outbox.take(batch())).isFalse();
        assertThat(Thread.interrupted()).isTrue();
    }

    @Test
    void letsGoOfATopicSomeTimeAfterItsLastSubscriberLeft() {
        start(options(_ -> new LagPolicy.Replay(), Duration.ofMillis(20)));
        Outbox<LineBatch> outbox = live("a");
        open.clear();

        hub().release(outbox);

        await().until(() -> hub().topicCount() == 0 && !broker.hasSubscription("a"));
        assertThat(hub().subscriptionCount()).isZero();
    }

    @Test
    void refusesAStreamWithoutTopics() {
        assertThatThrownBy(() -> hub().subscribe(Map.of()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("a stream needs a topic");
    }

    private Hub hub() {
        if (hub == null) {
            start(options(_ -> new LagPolicy.Replay()));
        }
        return Objects.requireNonNull(hub);
    }

    private void start(HubOptions options) {
        hub = new Hub(broker, options);
    }

    private static HubOptions options(Function<String, LagPolicy> lag) {
        return options(lag, Duration.ofMinutes(1));
    }

    private static HubOptions options(Function<String, LagPolicy> lag, Duration linger) {
        return new HubOptions(LOG_EVENTS, 1 << 20, linger, PAGE_EVENTS, 1 << 20, 1, lag);
    }

    private Outbox<LineBatch> live(String topic) {
        return subscribe(Map.of(topic, Optional.empty()));
    }

    private Outbox<LineBatch> after(String topic, Position cursor) {
        return from(topic, Start.after(cursor));
    }

    private Outbox<LineBatch> from(String topic, Start start) {
        return subscribe(Map.of(topic, Optional.of(start)));
    }

    private Outbox<LineBatch> subscribe(Map<String, Optional<Start>> starts) {
        Outbox<LineBatch> outbox = hub().subscribe(starts);
        open.add(outbox);
        return outbox;
    }

    private void publish(String topic, int first, int last) {
        numbers(first, last).forEach(number -> broker.publish(topic, number));
    }

    /** Also for the node, as the feed of a shared broker tells it. */
    private void loseNewest(String topic, int count) {
        long tail = broker.size(topic);
        broker.loseNewest(topic, count);
        broker.gap(
                topic,
                new Position(EPOCH, tail),
                new Position(EPOCH, tail - count),
                GapReason.LOG_LOST);
    }

    private Position end(String topic, String data) {
        byte[] bytes = data.getBytes(StandardCharsets.UTF_8);
        return broker.publish(topic, Message.builder(bytes).end(true).build()).position();
    }

    private static List<String> numbers(int first, int last) {
        return IntStream.rangeClosed(first, last).mapToObj(Integer::toString).toList();
    }

    private static Message text(@Nullable String key, String data, boolean end) {
        return Message.builder(data.getBytes(StandardCharsets.UTF_8)).key(key).end(end).build();
    }

    /** A stream sends a heartbeat at the second beat without an event. */
    private static boolean nothingButAHeartbeat(Outbox<LineBatch> outbox) {
        outbox.beat();
        outbox.beat();
        LineBatch batch = batch();
        return outbox.take(batch) && !batch.isEmpty() && batch.lines().isEmpty();
    }

    private static LineBatch batch() {
        return new LineBatch();
    }

    private static List<String> take(Outbox<LineBatch> outbox) {
        LineBatch batch = batch();
        assertThat(outbox.take(batch)).isTrue();
        return batch.lines();
    }

    private static List<String> take(Outbox<LineBatch> outbox, Runnable first) {
        first.run();
        return take(outbox);
    }

    /** At least {@code count} of what is told, in as many batches as it takes. */
    private static List<String> takeAll(Outbox<LineBatch> outbox, int count) {
        var told = new ArrayList<String>();
        while (told.size() < count) {
            told.addAll(take(outbox));
        }
        return told;
    }
}
