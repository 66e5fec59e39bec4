package dev.longwave.broker.testing;

import static dev.longwave.broker.testing.RecordingSink.texts;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import dev.longwave.broker.Broker;
import dev.longwave.broker.BrokerConfigurationException;
import dev.longwave.broker.BrokerUnavailableException;
import dev.longwave.broker.Capability;
import dev.longwave.broker.Coverage;
import dev.longwave.broker.Entry;
import dev.longwave.broker.Message;
import dev.longwave.broker.MessageRefusedException;
import dev.longwave.broker.Page;
import dev.longwave.broker.Position;
import dev.longwave.broker.Presence;
import dev.longwave.broker.Published;
import dev.longwave.broker.Start;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * What every broker must do. Extend it in a broker's module; {@link DeploymentFixture} says what to
 * supply. Tests of a capability that the broker does not declare, and of faults that cannot be
 * made, are skipped.
 */
public abstract class BrokerContractTest extends BrokerFaultContract {

    private static final Comparator<Entry> BY_POSITION =
            (a, b) ->
                    a.position().equals(b.position())
                            ? 0
                            : a.position().isAfter(b.position()) ? 1 : -1;

    // Delivery

    @Test
    void handsOutInTheOrderOfPublishing() {
        Broker node = createNode();
        var sink = new RecordingSink();
        try (var _ = node.subscribe(topic, sink)) {
            List<Position> published = publishNumbers(node, 1, 500);

            sink.awaitCount(500);
            assertThat(sink.texts()).as("what sink received").isEqualTo(numbers(1, 500));
            assertThat(sink.positions()).as("positions that sink received").isEqualTo(published);
        }
        sink.assertCalledProperly();
    }

    @Test
    void handsOutEachEventOfManyPublishersOnceAndInEachOnesOrder() throws Exception {
        Broker node = createNode();
        var sink = new RecordingSink();
        var other = new RecordingSink();
        var published = ConcurrentHashMap.<Position>newKeySet();
        try (var _ = node.subscribe(topic, sink);
                var _ = node.subscribe(topic, other)) {
            var publishers = new ArrayList<Future<?>>();
            for (int publisher = 0; publisher < 4; publisher++) {
                String prefix = publisher + ":";
                publishers.add(
                        run(() -> {
                            for (int i = 0; i < 500; i++) {
                                published.add(node.publish(topic, text(prefix + i)).position());
                            }
                        }));
            }
            join(publishers);
            sink.awaitCount(2000);
            other.awaitCount(2000);
        }

        sink.assertCalledProperly();
        other.assertCalledProperly();
        assertThat(sink.gaps()).as("gaps that sink was told of").isEmpty();
        assertThat(sink.positions())
                .as("positions that sink received")
                .containsExactlyInAnyOrderElementsOf(published);
        assertThat(other.entries())
                .as("entries of other")
                .usingElementComparator(BY_POSITION)
                .isEqualTo(sink.entries());
        for (int publisher = 0; publisher < 4; publisher++) {
            String prefix = publisher + ":";
            assertThat(sink.texts().stream().filter(text -> text.startsWith(prefix)))
                    .as("what one publisher published, in its order")
                    .containsExactlyElementsOf(
                            IntStream.range(0, 500).mapToObj(i -> prefix + i).toList());
        }
    }

    @Test
    void keepsTopicsApart() {
        Broker node = createNode();
        List<String> names =
                List.of(topic, topic + "/a", topic + "/A", topic + "/a/b", topic + ".a", topic + 1);
        var sinks = new ArrayList<RecordingSink>();
        for (String name : names) {
            var sink = new RecordingSink();
            sinks.add(sink);
            node.subscribe(name, sink);
        }

        for (String name : names) {
            node.publish(name, text("for " + name));
        }
        for (String name : names) {
            node.publish(name, text("end"));
        }

        for (int i = 0; i < names.size(); i++) {
            sinks.get(i).awaitText("end");
            assertThat(sinks.get(i).texts())
                    .as("messages of " + names.get(i))
                    .containsExactly("for " + names.get(i), "end");
        }
    }

    @Test
    void handsOutWhatWasPublished() {
        Broker node = createNode();
        var sink = new RecordingSink();
        node.subscribe(topic, sink);
        var message =
                Message.builder("hello".getBytes(StandardCharsets.UTF_8))
                        .id("id-1")
                        .type("greeting")
                        .key("key é")
                        .end(true)
                        .build();

        Published published = node.publish(topic, message);

        sink.awaitCount(1);
        Entry entry = sink.entries().getFirst();
        assertThat(published.duplicate()).as("a first message is a duplicate").isFalse();
        assertThat(entry.position())
                .as("position of the live delivery")
                .isEqualTo(published.position());
        assertThat(entry.time())
                .as("time, in whole milliseconds")
                .isEqualTo(entry.time().truncatedTo(ChronoUnit.MILLIS));
        assertThat(entry.message()).as("message of the live delivery").isEqualTo(message);
        if (node.capabilities().contains(Capability.HISTORY)) {
            Page page = node.history(topic, Start.earliest(), NO_BOUND, 10, ALL);
            assertThat(page.entries().getFirst().message())
                    .as("message in the history")
                    .isEqualTo(message);
            assertThat(page.entries().getFirst().time())
                    .as("time in the history, and of the live delivery")
                    .isEqualTo(entry.time());
        }
    }

    @Test
    void handsTheSameSequenceToEveryNode() throws Exception {
        needs(Capability.SHARED);
        Broker here = createNode();
        Broker there = createNode();
        var hereSink = new RecordingSink();
        var thereSink = new RecordingSink();
        here.subscribe(topic, hereSink);
        there.subscribe(topic, thereSink);

        join(
                List.of(
                        run(() -> publishNumbers(here, 1, 300)),
                        run(() -> publishNumbers(there, 301, 600))));

        hereSink.awaitCount(600);
        thereSink.awaitCount(600);
        hereSink.assertCalledProperly();
        thereSink.assertCalledProperly();
        assertThat(thereSink.positions())
                .as("positions that thereSink received")
                .isEqualTo(hereSink.positions());
        assertThat(thereSink.texts()).as("what thereSink received").isEqualTo(hereSink.texts());
    }

    @Test
    void goesOnWhenASinkFails() {
        Broker node = createNode();
        var failing =
                new RecordingSink(_ -> {
                    throw new IllegalStateException("thrown by a test");
                });
        var sink = new RecordingSink();
        node.subscribe(topic, failing);
        node.subscribe(topic, sink);

        publishNumbers(node, 1, 10);

        sink.awaitCount(10);
        failing.awaitCount(10);
        assertThat(sink.texts()).as("what sink received").isEqualTo(numbers(1, 10));
    }

    @Test
    void tellsASlowSinkEverythingOrOfTheHole() throws Exception {
        Broker node = createNode();
        var release = new CountDownLatch(1);
        var slow = new RecordingSink(_ -> awaitUninterruptibly(release));
        node.subscribe(topic, slow);
        var published = new ArrayList<Position>();

        Future<?> first = run(() -> publishNumbers(node, 0, 0));
        slow.awaitCount(1);
        published.addAll(publishNumbers(node, 1, 3000));
        release.countDown();
        published.addAll(publishNumbers(node, 3001, 3001));

        join(List.of(first));
        slow.awaitText("3001");
        slow.assertCalledProperly();
        assertComplete(slow, published);
    }

    // Subscribing

    @Test
    void leavesNoHoleAndNoOverlapAtTheStartPosition() throws Exception {
        needs(Capability.HISTORY);
        Broker node = createNode(settingsToKeep(10_000));
        int last = 3000;
        node.subscribe(topic, new RecordingSink(_ -> spin())); // so that handing out falls behind
        List<Future<?>> publishers =
                List.of(
                        run(() -> publishNumbers(node, 1, last)),
                        run(() -> publishNumbers(node, 1, last)));
        record Joined(RecordingSink sink, Broker.Subscription subscription) {}
        var joined = new ArrayList<Joined>();
        while (joined.size() < 10 || (joined.size() < 200 && !allDone(publishers))) {
            var sink = new RecordingSink();
            joined.add(new Joined(sink, node.subscribe(topic, sink)));
        }
        join(publishers);
        node.publish(topic, text("end"));

        List<Entry> whole = readAll(node, Start.earliest(), NO_BOUND);
        assertThat(whole).as("all entries of the log").hasSize(2 * last + 1);
        for (Joined each : joined) {
            each.sink.awaitText("end");
            each.sink.assertCalledProperly();
            var seen = readAll(node, Start.earliest(), each.subscription.start());
            seen.addAll(each.sink.entries());
            assertThat(seen)
                    .as("history up to the start position, and live from there on")
                    .usingElementComparator(BY_POSITION)
                    .isEqualTo(whole);
        }
    }

    @Test
    void startsAnEmptyTopicWhereItsFirstEventFollows() {
        needs(Capability.HISTORY);
        Broker node = createNode();
        Broker.Subscription subscription = node.subscribe(topic, new RecordingSink());

        publishNumbers(node, 1, 3);

        Page page = node.history(topic, Start.after(subscription.start()), NO_BOUND, 10, ALL);
        assertThat(page.coverage()).as("coverage of page").isEqualTo(Coverage.COMPLETE);
        assertThat(texts(page.entries())).as("entries of page").isEqualTo(numbers(1, 3));
    }

    @Test
    void callsNoSinkAfterItsSubscriptionIsClosed() throws Exception {
        Broker node = createNode();
        var done = new AtomicBoolean();
        Future<?> publisher =
                run(() -> {
                    while (!done.get()) {
                        publishNumbers(node, 1, 10);
                    }
                });
        var sinks = new ArrayList<RecordingSink>();
        for (int i = 0; i < 300; i++) {
            var sink = new RecordingSink();
            Broker.Subscription subscription = node.subscribe(topic, sink);
            if (i % 3 == 0) {
                sink.awaitCount(1);
            }
            subscription.close();
            sink.expectNoMore();
            subscription.close();
            sinks.add(sink);
        }
        done.set(true);
        join(List.of(publisher));
        publishNumbers(node, 1, 10);

        sinks.forEach(RecordingSink::assertCalledProperly);
    }

    @Test
    void letsASinkCloseItsOwnSubscription() {
        Broker node = createNode();
        var own = new AtomicReference<Broker.@Nullable Subscription>();
        var closing =
                new RecordingSink(_ -> {
                    Broker.Subscription subscription = own.get();
                    if (subscription != null) {
                        subscription.close();
                    }
                });
        var staying = new RecordingSink();
        own.set(node.subscribe(topic, closing));
        node.subscribe(topic, staying);

        publishNumbers(node, 1, 5);

        staying.awaitCount(5);
        assertThat(closing.texts())
                .as("what the sink received that left with its first message")
                .containsExactly("1");
    }

    @Test
    void losesNothingWhenOthersLeaveAndJoin() throws Exception {
        Broker node = createNode();
        var done = new AtomicBoolean();
        var room = new Semaphore(0); // so many subscriptions a round, however fast the machine is
        var churn = new ArrayList<Future<?>>();
        for (int i = 0; i < 3; i++) {
            churn.add(
                    run(() -> {
                        while (isAcquired(room) && !done.get()) {
                            node.subscribe(topic, new RecordingSink()).close();
                        }
                    }));
        }

        var published = new ArrayList<Position>();
        for (int round = 0; round < 300; round++) {
            room.release(30);
            var sink = new RecordingSink();
            try (var subscription = node.subscribe(topic, sink)) {
                Position position = node.publish(topic, text("round " + round)).position();
                published.add(position);
                sink.awaitText("round " + round);
                assertThat(sink.positions())
                        .as("positions that sink received")
                        .containsExactly(position);
                assertThat(position.isAfter(subscription.start()))
                        .as("what is published later stands after the start position")
                        .isTrue();
            }
        }
        done.set(true);
        room.release(3);
        join(churn);

        assertThat(new HashSet<>(published)).as("positions given out once").hasSize(300);
    }

    @Test
    void copesWithFiveThousandTopics() {
        Broker node = createNode();
        int topics = 5000;
        var sink = new AtomicInteger();
        var late = new AtomicInteger();
        var done = new AtomicBoolean();
        var subscriptions = new ArrayList<Broker.Subscription>();
        for (int i = 0; i < topics; i++) {
            subscriptions.add(
                    node.subscribe(
                            topic + '/' + i,
                            new RecordingSink(_ -> (done.get() ? late : sink).incrementAndGet())));
        }
        for (int i = 0; i < topics; i++) {
            node.publish(topic + '/' + i, text("once"));
        }
        awaitThat("all topics", () -> sink.get() >= topics);
        subscriptions.forEach(Broker.Subscription::close);
        done.set(true);
        for (int i = 0; i < topics; i++) {
            node.publish(topic + '/' + i, text("again"));
        }

        assertThat(sink).as("messages received, one of each topic").hasValue(topics);
        assertThat(late).as("messages received after all subscriptions were closed").hasValue(0);
    }

    /** As when a node starts, and all clients of another come to it. */
    @Test
    void takesManySubscribersOfManyTopicsAtOnce() throws Exception {
        Broker node = createNode();
        int topics = 300;
        var together = new CountDownLatch(topics);
        var sink = new AtomicInteger();
        var subscribers = new ArrayList<Future<?>>();
        for (int i = 0; i < topics; i++) {
            String mine = topic + '/' + i;
            subscribers.add(
                    run(() -> {
                        together.countDown();
                        awaitUninterruptibly(together);
                        node.subscribe(mine, new RecordingSink(_ -> sink.incrementAndGet()));
                    }));
        }
        join(subscribers);

        for (int i = 0; i < topics; i++) {
            node.publish(topic + '/' + i, text("once"));
        }

        awaitThat("all topics", () -> sink.get() >= topics);
        assertThat(sink).as("messages received, one of each topic").hasValue(topics);
    }

    // Deduplication

    @Test
    void keepsOneOfTwoMessagesWithTheSameId() {
        needs(Capability.DEDUPLICATION);
        Broker node = createNode();
        var sink = new RecordingSink();
        node.subscribe(topic, sink);

        Published first = node.publish(topic, text("1", "a"));
        Published other = node.publish(topic, text("2", "b"));
        Published again = node.publish(topic, text("1", "a"));
        Published elsewhere = node.publish(topic + "/other", text("1", "a"));
        node.publish(topic, text("3"));

        assertThat(first.duplicate()).as("the first is a duplicate").isFalse();
        assertThat(other.duplicate()).as("one with another id is a duplicate").isFalse();
        assertThat(again.duplicate()).as("one with the same id is a duplicate").isTrue();
        assertThat(again.position()).as("position of the duplicate").isEqualTo(first.position());
        assertThat(elsewhere.duplicate()).as("in another topic").isFalse();
        sink.awaitText("3");
        assertThat(sink.texts()).as("what sink received").isEqualTo(numbers(1, 3));
        if (node.capabilities().contains(Capability.HISTORY)) {
            assertThat(texts(readAll(node, Start.earliest(), NO_BOUND)))
                    .as("the log")
                    .isEqualTo(numbers(1, 3));
        }
    }

    @Test
    void keepsOneOfManyConcurrentMessagesWithTheSameId() throws Exception {
        needs(Capability.DEDUPLICATION);
        Broker node = createNode();
        var sink = new RecordingSink();
        node.subscribe(topic, sink);
        var kept = new AtomicInteger();
        var positions = ConcurrentHashMap.<Position>newKeySet();
        var publishers = new ArrayList<Future<?>>();
        for (int i = 0; i < 4; i++) {
            publishers.add(
                    run(() -> {
                        for (int id = 0; id < 200; id++) {
                            Published published = node.publish(topic, text("" + id, "id-" + id));
                            positions.add(published.position());
                            if (!published.duplicate()) {
                                kept.incrementAndGet();
                            }
                        }
                    }));
        }
        join(publishers);
        node.publish(topic, text("end"));

        sink.awaitText("end");
        assertThat(kept).as("publishes that were no duplicates, of 200 ids").hasValue(200);
        assertThat(positions).as("positions of 200 ids").hasSize(200);
        assertThat(sink.entries()).as("messages received").hasSize(201);
    }

    // Limits

    @Test
    void takesTheLongestMessageAndRefusesALongerOne() {
        Broker node = createNode();
        var sink = new RecordingSink();
        node.subscribe(topic, sink);
        int max = node.maxMessageBytes();
        byte[] longest = new byte[max];
        longest[max - 1] = 1;

        node.publish(topic, Message.of(longest));
        assertThatThrownBy(() -> node.publish(topic, Message.of(new byte[max + 1])))
                .isInstanceOf(MessageRefusedException.class)
                .hasMessageContaining("max=" + max);
        node.publish(topic, Message.of(new byte[0]));

        sink.awaitCount(2);
        assertThat(sink.entries().getFirst().message().data())
                .as("the longest data")
                .isEqualTo(longest);
        assertThat(sink.entries().getLast().message().data())
                .as("the data without a byte")
                .isEmpty();
    }

    @Test
    void takesAnyTopicNameAndKeepsItApart() {
        Broker node = createNode();
        var names = new ArrayList<String>();
        if (!node.capabilities().contains(Capability.PATTERNS)) {
            names.addAll(List.of("*", "**"));
        }
        names.addAll(
                List.of(
                        "a*",
                        "*b",
                        "***",
                        "with space",
                        " ",
                        ".",
                        "..",
                        "a..b",
                        ">",
                        "a.>",
                        "a.b",
                        "a b",
                        "a:b",
                        "a{b}",
                        "a}b{",
                        "a[b]?",
                        "%2F",
                        "a%2Fb",
                        "'; drop table events; --",
                        "\"\\",
                        "$SYS",
                        "_INBOX",
                        "é",
                        "e\u0301",
                        "日本語",
                        "😀",
                        "ÀÀ/ß",
                        "x".repeat(255 - topic.length() - 1),
                        "y".repeat(254 - topic.length() - 3) + "é"));
        var sinks = new ArrayList<RecordingSink>();
        for (String name : names) {
            var sink = new RecordingSink();
            sinks.add(sink);
            node.subscribe(topic + '/' + name, sink);
        }
        for (String name : names) {
            assertThat((topic + '/' + name).getBytes(StandardCharsets.UTF_8))
                    .as("bytes of a topic in this test")
                    .hasSizeLessThanOrEqualTo(255);
            node.publish(topic + '/' + name, text("for " + name));
        }
        for (String name : names) {
            node.publish(topic + '/' + name, text("end"));
        }

        for (int i = 0; i < names.size(); i++) {
            sinks.get(i).awaitText("end");
            assertThat(sinks.get(i).texts())
                    .as("messages of " + names.get(i))
                    .containsExactly("for " + names.get(i), "end");
        }
    }

    // Start and end

    @Test
    void refusesASettingThatItDoesNotKnow() {
        assertThatThrownBy(() -> createNode(Map.of("no-such-setting", "1")))
                .isInstanceOf(BrokerConfigurationException.class)
                .hasMessageContaining("broker." + provider().type() + ".no-such-setting");
    }

    @Test
    void namesItsTypeAsConfigurationDoes() {
        assertThat(provider().type()).as("type of the provider").matches("[a-z0-9-]+");
    }

    @Test
    void declaresNoMoreThanItsProviderSays() {
        Set<Capability> most = provider().capabilities();
        assumeFalse(most.isEmpty(), "the provider does not say");

        Broker node = createNode();

        assertThat(most).as("BrokerProvider.capabilities()").containsAll(node.capabilities());
    }

    @Test
    void leavesNothingBehindWhenClosed() throws Exception {
        Set<Thread> before = Thread.getAllStackTraces().keySet();
        Broker node = createNode();
        var sink = new RecordingSink();
        Broker.Subscription subscription = node.subscribe(topic, sink);
        publishNumbers(node, 1, 3);
        sink.awaitCount(3);

        node.close();
        sink.expectNoMore();
        node.close();
        subscription.close();

        awaitThat(
                "the end of the broker's threads",
                () ->
                        Thread.getAllStackTraces().keySet().stream()
                                .allMatch(thread -> before.contains(thread) || isNotOurs(thread)));
        assertThatThrownBy(() -> node.publish(topic, text("late")))
                .isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> node.subscribe(topic, new RecordingSink()))
                .isInstanceOf(IllegalStateException.class);
        sink.assertCalledProperly();
        assertThat(sink.entries()).as("messages received before it was closed").hasSize(3);
    }

    @Test
    void callsNoSinkAfterItIsClosedUnderLoad() throws Exception {
        Broker node = createNode();
        var sinks = new ArrayList<RecordingSink>();
        for (int i = 0; i < 10; i++) {
            var sink = new RecordingSink();
            sinks.add(sink);
            node.subscribe(topic, sink);
        }
        var publishers = new ArrayList<Future<?>>();
        for (int i = 0; i < 3; i++) {
            publishers.add(run(() -> publishUntilClosed(node)));
        }
        sinks.getLast().awaitCount(100);

        node.close();
        sinks.forEach(RecordingSink::expectNoMore);

        join(publishers);
        sinks.forEach(RecordingSink::assertCalledProperly);
    }

    @Test
    void keepsTheInterruptOfItsCaller() throws Exception {
        Broker node = createNode();
        var stillSet = new AtomicBoolean();
        join(
                List.of(
                        run(() -> {
                            Thread.currentThread().interrupt();
                            try {
                                node.publish(topic, text("1", "a"));
                            } catch (BrokerUnavailableException _) {
                                // As good: it must not wait.
                            }
                            stillSet.set(Thread.currentThread().isInterrupted());
                        })));

        assertThat(stillSet).as("the interrupt flag is still set").isTrue();
        var sink = new RecordingSink();
        node.subscribe(topic, sink);
        node.publish(topic, text("2"));
        sink.awaitText("2");
    }

    // Presence and claims

    @Test
    void knowsWhoIsPresent() {
        needs(Capability.PRESENCE);
        Broker node = createNode();
        Presence presence = node.presence().orElseThrow();

        presence.put(topic, Presence.Member.of("ann", "Ann"), Duration.ofHours(1));
        presence.put(topic, Presence.Member.of("ben", "Ben"), Duration.ofHours(1));
        presence.put(topic, Presence.Member.of("ben", "Benjamin"), Duration.ofHours(1));
        presence.put(topic + "/other", Presence.Member.of("cem", "Cem"), Duration.ofHours(1));

        assertThat(presence.members(topic, 10))
                .as("members")
                .containsExactlyInAnyOrder(
                        Presence.Member.of("ann", "Ann"), Presence.Member.of("ben", "Benjamin"));
        assertThat(presence.members(topic, 1))
                .as("members, of which at most one was asked for")
                .hasSize(1);
        assertThat(presence.count(topic)).as("count of members").isEqualTo(2);
        presence.remove(topic, "ann");
        presence.remove(topic, "nobody");
        assertThat(presence.members(topic, 10))
                .as("members")
                .extracting(Presence.Member::id)
                .containsExactly("ben");
        assertThat(presence.count(topic + "/nobody"))
                .as("count of members of a topic without any")
                .isZero();
    }

    @Test
    void forgetsAMemberThatDoesNotRenew() {
        needs(Capability.PRESENCE);
        Broker node = createNode();
        Presence presence = node.presence().orElseThrow();
        presence.put(topic, Presence.Member.of("gone", ""), Duration.ofSeconds(2));
        presence.put(topic, Presence.Member.of("renewed", ""), Duration.ofSeconds(2));
        presence.put(topic, Presence.Member.of("renewed", ""), Duration.ofHours(1));

        passTime(Duration.ofSeconds(3));

        awaitThat("the expiry", () -> presence.count(topic) == 1);
        assertThat(presence.members(topic, 10))
                .as("members")
                .extracting(Presence.Member::id)
                .containsExactly("renewed");
    }

    @Test
    void givesAClaimToOneOfMany() throws Exception {
        needs(Capability.CLAIMS);
        Broker node = createNode();
        Broker other = node.capabilities().contains(Capability.SHARED) ? createNode() : node;
        for (int round = 0; round < 50; round++) {
            String key = topic + '#' + round;
            var won = new AtomicInteger();
            var callers = new ArrayList<Future<?>>();
            for (int i = 0; i < 8; i++) {
                Broker caller = i % 2 == 0 ? node : other;
                callers.add(
                        run(() -> {
                            if (caller.claim(key, Duration.ofMinutes(1))) {
                                won.incrementAndGet();
                            }
                        }));
            }
            join(callers);

            assertThat(won).as("callers that got the claim").hasValue(1);
        }
    }

    @Test
    void givesAClaimAgainOnceItHasExpired() {
        needs(Capability.CLAIMS);
        Broker node = createNode();
        assertThat(node.claim(topic, Duration.ofSeconds(1)))
                .as("the first claim is granted")
                .isTrue();

        passTime(Duration.ofSeconds(2));

        awaitThat("the expiry", () -> node.claim(topic, Duration.ofMinutes(1)));
        assertThat(node.claim(topic, Duration.ofMinutes(1)))
                .as("a second claim is granted")
                .isFalse();
    }

    // What they share

    /** Every published position was handed out, or lies in a gap. */
    private static void assertComplete(RecordingSink sink, List<Position> published) {
        var seen = new HashSet<>(sink.positions());
        List<RecordingSink.Hole> gaps = sink.gaps();
        assertThat(published)
                .as("published, and neither received nor within a gap")
                .allMatch(position ->
                        seen.contains(position)
                                || gaps.stream()
                                        .anyMatch(gap ->
                                                position.isAfter(gap.after())
                                                        && !position.isAfter(gap.before())));
    }

    private static boolean isAcquired(Semaphore room) {
        try {
            room.acquire();
            return true;
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt(); // the test has failed
            return false;
        }
    }

    private void publishUntilClosed(Broker node) {
        try {
            while (true) {
                publishNumbers(node, 1, 1);
            }
        } catch (IllegalStateException | BrokerUnavailableException _) {
            // It is closed.
        }
    }

    private static boolean allDone(List<Future<?>> tasks) {
        return tasks.stream().allMatch(Future::isDone);
    }

    private static void spin() {
        for (int i = 0; i < 500; i++) {
            Thread.onSpinWait();
        }
    }

    private static void awaitUninterruptibly(CountDownLatch latch) {
        try {
            latch.await(TIMEOUT.toSeconds(), TimeUnit.SECONDS);
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    /** {@return whether a thread belongs to the JVM or to the test's own machinery} */
    private static boolean isNotOurs(Thread thread) {
        String name = thread.getName();
        return !thread.isAlive()
                || name.startsWith("ForkJoinPool")
                || name.startsWith("VirtualThread-")
                || name.startsWith("junit-")
                || name.startsWith("surefire-");
    }
}
