package dev.longwave.broker.feed;

import static dev.longwave.broker.testing.RecordingSink.texts;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.longwave.broker.Broker;
import dev.longwave.broker.BrokerState;
import dev.longwave.broker.BrokerUnavailableException;
import dev.longwave.broker.Entry;
import dev.longwave.broker.EphemeralMessage;
import dev.longwave.broker.GapReason;
import dev.longwave.broker.Message;
import dev.longwave.broker.Position;
import dev.longwave.broker.testing.RecordingSink;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

final class FeedTest extends FeedFixture {

    // Ephemeral messages

    @Test
    void handsOutAnEphemeralMessageAndDoesNotMove() {
        subscribe();

        publish(2);
        arrive(0);
        broadcast("typing");
        arrive(1);

        assertThat(sink.texts()).containsExactly("0", "1");
        assertThat(sink.ephemeralTexts()).containsExactly("typing");
        assertThat(log.calls).doesNotContain("read " + TOPIC);
    }

    @Test
    void handsOutAnEphemeralMessageWhileAHoleWaits() {
        subscribe();
        publish(3);
        arrive(0, 2);

        broadcast("before it is read");
        log.onRead = once(() -> broadcast("while it is read"));
        schedule.run();

        assertThat(sink.ephemeralTexts()).containsExactly("before it is read", "while it is read");
        assertThat(sink.texts()).containsExactly("0", "1", "2");
    }

    @Test
    void handsOutAnEphemeralMessageWhileTheLogIsAway() {
        subscribe();
        publish(3);
        arrive(0, 2);
        log.away = true;
        schedule.run();

        broadcast("typing");

        assertThat(sink.ephemeralTexts()).containsExactly("typing");
        log.away = false;
        schedule.pass(PERIOD);
        assertThat(sink.texts()).containsExactly("0", "1", "2");
    }

    @Test
    void leavesAnEphemeralMessageToTheThreadThatCallsTheSinks() throws Exception {
        var called = new CountDownLatch(1);
        var release = new CountDownLatch(1);
        var slow =
                new RecordingSink(_ -> {
                    called.countDown();
                    await(release);
                });
        feed.subscribe(TOPIC, slow);
        publish(2);
        Thread first = Thread.ofVirtual().start(() -> arrive(0));
        await(called);

        IntStream.rangeClosed(1, 3 * Passing.MAX_MESSAGES).forEach(i -> broadcast("" + i));
        arrive(1);
        assertThat(slow.ephemeral()).isEmpty();
        release.countDown();
        first.join();

        assertThat(slow.texts()).containsExactly("0", "1");
        assertThat(slow.ephemeral()).hasSize(Passing.MAX_MESSAGES);
        assertThat(slow.ephemeralTexts()).endsWith("" + 3 * Passing.MAX_MESSAGES);
        slow.assertCalledProperly();
    }

    @Test
    void handsOutAnEventAfterTheEphemeralMessageThatIsBeingHandedOut() throws Exception {
        var called = new CountDownLatch(1);
        var release = new CountDownLatch(1);
        var order = new ArrayList<String>();
        feed.subscribe(
                TOPIC,
                new Broker.Sink() {
                    @Override
                    public void message(Entry entry) {
                        order.addAll(texts(List.of(entry)));
                    }

                    @Override
                    public void ephemeral(EphemeralMessage message) {
                        order.add("ephemeral");
                        called.countDown();
                        FeedFixture.await(release);
                    }

                    @Override
                    public void gap(Position after, Position before, GapReason reason) {
                        order.add("gap");
                    }
                });
        publish(3);
        arrive(0, 2); // a hole: the turn waits for the log
        Thread broadcaster = Thread.ofVirtual().start(() -> broadcast("typing"));
        await(called);
        broadcast("another");
        Thread filler = Thread.ofVirtual().start(schedule::run);
        release.countDown();

        broadcaster.join();
        filler.join();
        assertThat(order)
                .filteredOn(text -> !text.equals("ephemeral"))
                .containsExactly("0", "1", "2");
        assertThat(order).startsWith("0", "ephemeral").hasSize(5);
    }

    @Test
    void broadcastsToNobodyWhereNobodyIs() {
        broadcast("early");
        Broker.Subscription subscription = subscribe();
        subscription.close();
        broadcast("late");
        schedule.run();

        assertThat(sink.ephemeral()).isEmpty();
    }

    // The live path

    @Test
    void handsOutWhatFitsAtOnceAndWithoutReading() {
        subscribe();

        publish(3);
        arrive(0, 1, 2);

        assertThat(sink.texts()).containsExactly("0", "1", "2");
        assertThat(log.calls).doesNotContain("read " + TOPIC);
    }

    @Test
    void fillsTheHoleOfALostMessage() {
        subscribe();

        publish(3);
        arrive(0, 2);
        assertThat(sink.texts())
                .as("nothing is read by the live path's thread")
                .containsExactly("0");
        schedule.run();

        assertThat(sink.texts()).containsExactly("0", "1", "2");
        assertThat(sink.gaps()).isEmpty();
    }

    @Test
    void dropsWhatItHasHandedOut() {
        subscribe();

        publish(3);
        arrive(0, 1, 0, 1, 1, 2, 0);
        schedule.run();

        assertThat(sink.texts()).containsExactly("0", "1", "2");
    }

    @Test
    void putsInOrderWhatArrivesOutOfOrder() {
        subscribe();

        publish(5);
        arrive(4, 2, 3, 0, 1);
        schedule.run();

        assertThat(sink.texts()).containsExactly("0", "1", "2", "3", "4");
    }

    @Test
    void findsALostLastMessageByTheTail() {
        subscribe();
        publish(1);

        schedule.pass(PERIOD.minusMillis(1));
        assertThat(sink.texts()).isEmpty();
        schedule.pass(Duration.ofMillis(1));

        assertThat(sink.texts()).containsExactly("0");
        assertThat(states())
                .as("a lost message is nothing unusual")
                .containsOnly(BrokerState.CONNECTED);
    }

    @Test
    void looksAtOnceWhenATopicIsSuspect() {
        subscribe();
        publish(2);

        feed.suspect(TOPIC);
        schedule.run();

        assertThat(sink.texts()).containsExactly("0", "1");
    }

    @Test
    void looksAtAllTopicsAtOnceAfterAReconnection() {
        subscribe();
        publish(2);

        feed.disconnected("lost, for a test");
        feed.suspectAll();
        schedule.run();

        assertThat(sink.texts()).containsExactly("0", "1");
        assertThat(states()).startsWith(BrokerState.CONNECTED, BrokerState.DISCONNECTED);
        assertThat(states()).endsWith(BrokerState.RESYNCING, BrokerState.CONNECTED);
    }

    @Test
    void askedManyTimesToLookLooksOnce() {
        subscribe();
        log.calls.clear();

        for (int i = 0; i < 10_000; i++) {
            feed.suspect(TOPIC);
            feed.suspectAll();
        }
        assertThat(schedule.size()).isLessThanOrEqualTo(3);
        schedule.run();

        assertThat(log.calls).containsExactly("tails 1", "tails 1");
    }

    @Test
    void readsWhatIsAnnounced() {
        subscribe();

        publish(2);
        feed.announce(TOPIC, sent.get(1).entry().position());
        feed.announce(TOPIC, sent.get(0).entry().position());
        schedule.run();

        assertThat(sink.texts()).containsExactly("0", "1");
        log.calls.clear();
        feed.announce(TOPIC, sent.get(1).entry().position());
        schedule.run();
        assertThat(log.calls).isEmpty();
    }

    @Test
    void takesAMessageOfATopicThatNobodyHas() {
        publish(1);

        arrive(0);
        feed.announce(TOPIC, sent.getFirst().entry().position());
        feed.suspect(TOPIC);
        schedule.run();

        assertThat(log.calls).isEmpty();
    }

    // Filling

    @Test
    void takesUpTheLivePathWhereTheLogEnds() {
        subscribe();
        publish(3);
        arrive(0, 2);
        log.onRead =
                once(() -> {
                    publish(2); // after the log was read, and live while the page is not handed out
                    arrive(3, 4);
                });

        schedule.run();

        assertThat(sink.texts()).isEqualTo(numbers(0, 5));
        assertThat(log.calls.stream().filter(("read " + TOPIC)::equals)).hasSize(1);
    }

    @Test
    void fillsASecondHoleFoundWhileFilling() {
        subscribe();
        publish(3);
        arrive(0, 2);
        log.onRead =
                once(() -> {
                    publish(3);
                    arrive(5);
                });

        schedule.run();

        assertThat(sink.texts()).isEqualTo(numbers(0, 6));
    }

    @Test
    void readsALongHoleInPages() {
        subscribe();
        int count = 3 * Sequencer.PAGE_ENTRIES + 5;

        publish(count);
        arrive(count - 1);
        schedule.run();

        assertThat(sink.texts()).isEqualTo(numbers(0, count));
        assertThat(log.calls.stream().filter(("read " + TOPIC)::equals)).hasSize(4);
    }

    @Test
    void keepsABoundedNumberOfMessagesWhileFilling() {
        subscribe();
        publish(2);
        arrive(1); // a hole, and the feed's threads do not get round to it
        int count = 4 * Waiting.MAX_MESSAGES;

        publish(count);
        for (int i = 2; i < count + 2; i++) {
            arrive(i);
        }
        schedule.run();

        assertThat(sink.texts()).isEqualTo(numbers(0, count + 2));
        assertThat(sink.gaps()).isEmpty();
    }

    @Test
    void keepsTheNewestOfTooMany() {
        var waiting = new Waiting();
        publish(Waiting.MAX_MESSAGES + 10);

        sent.forEach(live -> waiting.add(new Waiting.Live(live.previous(), live.entry())));

        Waiting.Live first = waiting.first();
        assertThat(first).isNotNull();
        assertThat(texts(List.of(first.entry()))).containsExactly("10");
    }

    @Test
    void keepsABoundedNumberOfBytesWhileFilling() {
        var waiting = new Waiting();
        var big = Message.of(new byte[Waiting.MAX_BYTES * 2 / 3]);
        for (int i = 0; i < 3; i++) {
            bus.publish(TOPIC, big);
        }

        sent.forEach(live -> waiting.add(new Waiting.Live(live.previous(), live.entry())));

        Waiting.Live first = waiting.first();
        assertThat(first).isNotNull();
        assertThat(first.entry()).isEqualTo(sent.getLast().entry());
    }

    @Test
    void triesAgainWhileTheLogCannotBeRead() {
        subscribe();
        publish(3);
        log.unreadable = true;
        arrive(0, 2);
        schedule.pass(Duration.ofSeconds(30));
        assertThat(sink.texts()).containsExactly("0");
        assertThat(states()).last().isEqualTo(BrokerState.RESYNCING);
        assertThat(log.calls.stream().filter(("read " + TOPIC)::equals))
                .as("reads in 30 s, with pauses")
                .hasSizeBetween(15, 60);

        log.unreadable = false;
        schedule.pass(PERIOD);

        assertThat(sink.texts()).containsExactly("0", "1", "2");
        assertThat(sink.gaps()).isEmpty();
        assertThat(states()).last().isEqualTo(BrokerState.CONNECTED);
    }

    @Test
    void losesNothingWhileTheServersAreAway() {
        subscribe();
        publish(3);
        arrive(0, 2);
        log.away = true;
        schedule.pass(Duration.ofSeconds(60));
        assertThat(states()).last().isEqualTo(BrokerState.DISCONNECTED);
        publish(1);

        log.away = false;
        schedule.pass(PERIOD.multipliedBy(2));

        assertThat(sink.texts()).isEqualTo(numbers(0, 4));
        assertThat(states()).last().isEqualTo(BrokerState.CONNECTED);
        assertThat(schedule.size()).as("what is queued: the next check").isEqualTo(1);
    }

    @Test
    void goesOnAtOnceWhenTheServersAreBack() {
        subscribe();
        publish(3);
        arrive(0, 2);
        log.away = true;
        schedule.pass(Duration.ofSeconds(61));
        log.away = false;

        feed.suspectAll();
        schedule.run();

        assertThat(sink.texts()).isEqualTo(numbers(0, 3));
        assertThat(states()).last().isEqualTo(BrokerState.CONNECTED);
        schedule.pass(PERIOD.multipliedBy(3)); // the attempt that was overtaken does no harm
        assertThat(sink.texts()).isEqualTo(numbers(0, 3));
    }

    @Test
    void waitsForAReplicaThatLags() {
        subscribe();
        publish(5);
        arrive(0);
        log.replicatedUpTo = sent.get(2).entry().position();
        arrive(4);
        schedule.pass(Duration.ofMillis(500));
        assertThat(sink.texts()).isEqualTo(numbers(0, 3));

        log.replicatedUpTo = null;
        schedule.pass(Duration.ofSeconds(1)); // it tries again before the next check

        assertThat(sink.texts()).isEqualTo(numbers(0, 5));
        assertThat(sink.gaps()).isEmpty();
    }

    @Test
    void takesAPageThatOverlaps() {
        subscribe();
        publish(4);
        arrive(0, 1);
        log.inclusive = true;

        arrive(3);
        schedule.run();

        assertThat(sink.texts()).isEqualTo(numbers(0, 4));
    }

    // Entries that are skipped

    @Test
    void movesOverAnEntryThatIsSkipped() {
        subscribe();
        publish(3);
        arrive(0);
        feed.live(TOPIC, position(0), Entry.skipped(position(1), Instant.EPOCH));
        arrive(2);

        assertThat(sink.texts()).containsExactly("0", "2");
        assertThat(sink.gaps()).isEmpty();
        assertThat(log.calls).doesNotContain("read " + TOPIC);
    }

    // Subscribing

    @Test
    void startsAtTheTail() {
        publish(2);

        Broker.Subscription subscription = subscribe();
        publish(1);
        arrive(0, 1, 2);

        assertThat(subscription.start()).isEqualTo(position(1));
        assertThat(sink.texts()).containsExactly("2");
    }

    @Test
    void listensOnceForAllSubscriptionsOfATopic() {
        Broker.Subscription first = subscribe();
        publish(1);
        arrive(0);
        var other = new RecordingSink();
        Broker.Subscription second = feed.subscribe(TOPIC, other);
        publish(1);
        arrive(1);

        assertThat(second.start()).isEqualTo(position(0));
        assertThat(sink.texts()).containsExactly("0", "1");
        assertThat(other.texts()).containsExactly("1");
        first.close();
        schedule.run();
        second.close();
        schedule.run();
        assertThat(log.calls).containsExactly("listen news", "tails 1", "unlisten news");
        schedule.pass(PERIOD);
        assertThat(log.calls).last().isEqualTo("tails 0");
    }

    @Test
    void keepsListeningForWhoJoinsAsTheLastOneLeaves() {
        subscribe().close();
        feed.subscribe(TOPIC, sink);
        schedule.run();

        publish(1);
        arrive(0);

        assertThat(sink.texts()).containsExactly("0");
        assertThat(log.calls).containsExactly("listen news", "tails 1");
    }

    @Test
    void listensAgainForWhoComesBack() {
        subscribe().close();
        schedule.run();
        publish(1);
        subscribe();

        publish(1);
        arrive(0, 1);

        assertThat(sink.texts()).containsExactly("1");
        assertThat(log.calls).filteredOn("listen news"::equals).hasSize(2);
    }

    @Test
    void leavesNothingBehindIfSubscribingFails() {
        log.away = true;

        assertThatThrownBy(this::subscribe).isInstanceOf(BrokerUnavailableException.class);

        assertThat(log.calls).containsExactly("listen news", "unlisten news");
        log.away = false;
        subscribe();
        publish(1);
        arrive(0);
        assertThat(sink.texts()).containsExactly("0");
    }

    @Test
    void fillsForWhoJoinsATopicLeftWithAHole() {
        Broker.Subscription first = subscribe();
        publish(3);
        arrive(0, 2);
        first.close();
        var other = new RecordingSink();
        Broker.Subscription second = feed.subscribe(TOPIC, other);

        schedule.run();

        assertThat(second.start()).isEqualTo(position(0));
        assertThat(other.texts()).containsExactly("1", "2");
    }

    @Test
    void fillsAHoleThatCameWhileNobodyWasThere() {
        Broker.Subscription first = subscribe();
        publish(3);
        arrive(0);
        first.close();
        arrive(2);
        var other = new RecordingSink();
        feed.subscribe(TOPIC, other);

        schedule.run();

        assertThat(other.texts()).containsExactly("1", "2");
    }

    @Test
    void waitsForARunningCallBeforeItIsClosed() throws Exception {
        var within = new CountDownLatch(1);
        var release = new CountDownLatch(1);
        var blocking =
                new RecordingSink(_ -> {
                    within.countDown();
                    await(release);
                });
        Broker.Subscription subscription = feed.subscribe(TOPIC, blocking);
        publish(2);
        var live = CompletableFuture.runAsync(() -> arrive(0, 1));
        await(within);

        var closing =
                CompletableFuture.runAsync(() -> {
                    subscription.close();
                    blocking.expectNoMore();
                });
        assertThat(closing).isNotDone();
        release.countDown();
        closing.get(5, TimeUnit.MINUTES);
        live.get(5, TimeUnit.MINUTES);

        blocking.assertCalledProperly();
    }

    @Test
    void leavesTheRestToAFeedThreadOnceAClientsThreadHasDoneItsShare() throws Exception {
        var within = new CountDownLatch(1);
        var release = new CountDownLatch(1);
        var slow =
                new RecordingSink(_ -> {
                    within.countDown();
                    await(release);
                });
        feed.subscribe(TOPIC, slow);
        publish(Waiting.MAX_MESSAGES + 1);
        var live = CompletableFuture.runAsync(() -> arrive(0));
        await(within);
        IntStream.rangeClosed(1, Waiting.MAX_MESSAGES).forEach(this::arrive);

        release.countDown();
        live.get(5, TimeUnit.MINUTES);
        assertThat(slow.entries()).hasSize(Sequencer.SHARE);
        schedule.run();

        assertThat(slow.texts()).isEqualTo(numbers(0, Waiting.MAX_MESSAGES + 1));
        assertThat(log.calls).doesNotContain("read " + TOPIC);
        slow.assertCalledProperly();
    }

    @Test
    void fillsWhatDidNotFitWhileASinkWasSlow() throws Exception {
        var within = new CountDownLatch(1);
        var release = new CountDownLatch(1);
        var slow =
                new RecordingSink(_ -> {
                    within.countDown();
                    await(release);
                });
        feed.subscribe(TOPIC, slow);
        publish(3 * Waiting.MAX_MESSAGES);
        var live = CompletableFuture.runAsync(() -> arrive(0));
        await(within);
        IntStream.range(1, 3 * Waiting.MAX_MESSAGES).forEach(this::arrive);

        release.countDown();
        live.get(5, TimeUnit.MINUTES);
        schedule.run();

        assertThat(slow.texts()).isEqualTo(numbers(0, 3 * Waiting.MAX_MESSAGES));
        slow.assertCalledProperly();
    }

    // Closing

    @Test
    void canBeClosedFromWithinASink() {
        var closing = new RecordingSink(_ -> feed.close());
        feed.subscribe(TOPIC, closing);

        publish(2);
        arrive(0, 1);

        assertThat(closing.texts()).containsExactly("0");
        assertThatThrownBy(this::subscribe)
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("the broker is closed");
    }

    @Test
    void isSilentOnceClosed() {
        subscribe();
        publish(3);
        arrive(0, 2);

        feed.close();
        sink.expectNoMore();
        feed.close();
        schedule.pass(PERIOD);
        arrive(1, 2);
        feed.suspectAll();
        feed.disconnected("lost, for a test");

        sink.assertCalledProperly();
        assertThat(states()).containsExactly(BrokerState.CONNECTED);
    }

    @Test
    void endsItsThreads() throws Exception {
        var stopped = new CountDownLatch(1);
        var reading = new CountDownLatch(1);
        var own = new AtomicReference<@Nullable Thread>();
        log.onRead =
                () -> {
                    own.set(Thread.currentThread());
                    reading.countDown();
                    try {
                        new CountDownLatch(1).await(5, TimeUnit.MINUTES);
                    } catch (InterruptedException _) {
                        stopped.countDown();
                    }
                };
        var real = new Feed(Duration.ofMillis(10), _ -> {});
        real.start(log);
        real.subscribe(TOPIC, sink);
        publish(1);
        await(reading);

        real.close();

        assertThat(stopped.getCount()).isZero();
        Thread thread = own.get();
        assertThat(thread).isNotNull();
        assertThat(thread.getName()).startsWith("longwave-feed-fill-");
        assertThat(thread.join(Duration.ofMinutes(5))).isTrue();
    }

    // State

    @Test
    void asksWhetherTheServersAnswerEvenWithoutTopics() {
        log.away = true;

        schedule.pass(PERIOD);
        log.away = false;
        schedule.pass(PERIOD);

        assertThat(states())
                .containsExactly(
                        BrokerState.CONNECTED, BrokerState.DISCONNECTED, BrokerState.CONNECTED);
        assertThat(log.calls).containsOnly("tails 0");
    }

    @Test
    void isConnectedAgainOnlyByACheckThatBeganAfterTheOutage() {
        var state = new FeedState(statuses::add);
        statuses.clear();
        state.begin();
        state.unreachable("for a test");
        long before = state.outages();
        state.unreachable("for a test");

        state.answered(before);
        assertThat(states()).last().isEqualTo(BrokerState.DISCONNECTED);
        state.fillBegins();
        state.answered(state.outages());
        assertThat(states()).last().isEqualTo(BrokerState.RESYNCING);
        state.fillEnds();
        assertThat(states()).last().isEqualTo(BrokerState.CONNECTED);
    }

    @Test
    void hasFailedForGood() {
        feed.failed("broken, for a test");
        feed.suspectAll();
        schedule.pass(PERIOD);

        assertThat(states()).containsExactly(BrokerState.CONNECTED, BrokerState.FAILED);
    }

    @Test
    void asksForManyTailsInPortions() {
        for (int i = 0; i < TailCheck.PORTION + 1; i++) {
            feed.subscribe(TOPIC + i, sink);
        }
        log.calls.clear();

        schedule.pass(PERIOD);

        assertThat(log.calls).containsExactly("tails " + TailCheck.PORTION, "tails 1");
    }
}
