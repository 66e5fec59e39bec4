package dev.longwave.broker.testing;

import static dev.longwave.broker.testing.RecordingSink.texts;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.longwave.broker.Attributes;
import dev.longwave.broker.Broker;
import dev.longwave.broker.BrokerUnavailableException;
import dev.longwave.broker.Capability;
import dev.longwave.broker.Entry;
import dev.longwave.broker.EphemeralMessage;
import dev.longwave.broker.GapReason;
import dev.longwave.broker.Message;
import dev.longwave.broker.MessageRefusedException;
import dev.longwave.broker.Position;
import dev.longwave.broker.Start;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/**
 * The part of {@link BrokerContractTest} that is about ephemeral messages, for brokers that declare
 * {@link Capability#EPHEMERAL}. Such a message may be lost; but not while all is well, and once the
 * way from node to node is known to be open.
 */
abstract class BrokerEphemeralContract extends BrokerPatternContract {

    @Test
    void throwsIfItCannotBroadcast() {
        Broker node = createNode();
        if (node.capabilities().contains(Capability.EPHEMERAL)) {
            return;
        }

        assertThatThrownBy(() -> node.broadcast(topic, text("1")))
                .isInstanceOf(UnsupportedOperationException.class);
    }

    @Test
    void broadcastsToTheSubscribersOfAllNodes() {
        Broker node = createEphemeralNode();
        Broker other = node.capabilities().contains(Capability.SHARED) ? createNode() : node;
        var here = new RecordingSink();
        var there = new RecordingSink();
        var elsewhere = new RecordingSink();
        node.subscribe(topic, here);
        other.subscribe(topic, there);
        other.subscribe(topic + "/other", elsewhere);
        open(node, there);
        open(other, here);

        for (int i = 1; i <= 50; i++) {
            node.broadcast(topic, text("" + i));
        }

        here.awaitEphemeral("50");
        there.awaitEphemeral("50");
        assertThat(withoutProbes(here)).as("what here received").isEqualTo(numbers(1, 50));
        assertThat(withoutProbes(there)).as("what there received").isEqualTo(numbers(1, 50));
        assertThat(elsewhere.ephemeral()).as("ephemeral messages of another topic").isEmpty();
        assertThat(here.entries()).as("ephemeral messages that came as entries").isEmpty();
        here.assertCalledProperly();
        there.assertCalledProperly();
    }

    @Test
    void broadcastsBesideTheLogWithoutATraceInIt() {
        Broker node = createEphemeralNode();
        var sink = new RecordingSink();
        Broker.Subscription subscription = node.subscribe(topic, sink);
        open(node, sink);
        var published = new ArrayList<Position>();

        for (int i = 1; i <= 100; i++) {
            published.addAll(publishNumbers(node, i, i));
            node.broadcast(topic, text("beside " + i));
        }

        sink.awaitCount(100);
        sink.awaitEphemeral("beside 100");
        assertThat(sink.texts()).as("what sink received").isEqualTo(numbers(1, 100));
        assertThat(sink.positions()).as("positions that sink received").isEqualTo(published);
        assertThat(sink.gaps()).as("gaps that sink was told of").isEmpty();
        if (node.capabilities().contains(Capability.HISTORY)) {
            assertThat(texts(readAll(node, Start.after(subscription.start()), NO_BOUND)))
                    .as("the log")
                    .isEqualTo(numbers(1, 100));
        }
    }

    @Test
    void broadcastsWhileOthersPublishAndLosesNoEvent() throws Exception {
        Broker node = createEphemeralNode();
        Broker other = node.capabilities().contains(Capability.SHARED) ? createNode() : node;
        var sink = new RecordingSink();
        node.subscribe(topic, sink);
        open(other, sink);
        var tasks = new ArrayList<Future<?>>();
        for (Broker each : List.of(node, other)) {
            tasks.add(run(() -> publishNumbers(each, 1, 500)));
            tasks.add(
                    run(() -> {
                        for (int i = 0; i < 500; i++) {
                            each.broadcast(topic, text("beside"));
                        }
                    }));
        }
        join(tasks);

        sink.awaitCount(1000);
        sink.assertCalledProperly();
        assertThat(sink.entries()).as("messages received").hasSize(1000);
        assertThat(sink.gaps()).as("gaps that sink was told of").isEmpty();
        awaitThat("an ephemeral message", () -> sink.ephemeralTexts().contains("beside"));
    }

    @Test
    void keepsNoEphemeralMessageForLaterSubscribers() {
        Broker node = createEphemeralNode();
        var early = new RecordingSink();
        node.subscribe(topic, early);
        open(node, early);
        node.broadcast(topic, text("early"));
        early.awaitEphemeral("early");

        var late = new RecordingSink();
        node.subscribe(topic, late);
        node.publish(topic, text("1"));
        open(node, late);

        late.awaitText("1");
        assertThat(late.ephemeralTexts())
                .as("ephemeral messages of a later subscriber")
                .doesNotContain("early");
    }

    @Test
    void broadcastsToNoSinkAfterItsSubscriptionIsClosed() throws Exception {
        Broker node = createEphemeralNode();
        var done = new AtomicBoolean();
        Future<?> broadcaster = run(() -> broadcastUntil(node, done));
        var sinks = new ArrayList<RecordingSink>();
        for (int i = 0; i < 100; i++) {
            var sink = new RecordingSink();
            Broker.Subscription subscription = node.subscribe(topic, sink);
            if (i % 3 == 0) {
                sink.awaitEphemeral("flood");
            }
            subscription.close();
            sink.expectNoMore();
            sinks.add(sink);
        }
        done.set(true);
        join(List.of(broadcaster));

        sinks.forEach(RecordingSink::assertCalledProperly);
    }

    @Test
    void broadcastsToNoSinkAfterItIsClosed() throws Exception {
        Broker node = createEphemeralNode();
        var sink = new RecordingSink();
        node.subscribe(topic, sink);
        Future<?> broadcaster = run(() -> broadcastUntil(node, new AtomicBoolean()));
        sink.awaitEphemeral("flood");

        node.close();
        sink.expectNoMore();

        join(List.of(broadcaster));
        sink.assertCalledProperly();
        assertThatThrownBy(() -> node.broadcast(topic, text("late")))
                .isInstanceOf(IllegalStateException.class);
    }

    @Test
    void broadcastsAllThatAMessageCarriesButItsId() {
        Broker node = createEphemeralNode();
        var sink = new RecordingSink();
        node.subscribe(topic, sink);
        open(node, sink);
        byte[] random = new byte[64 * 1024];
        new Random(42).nextBytes(random);
        var messages =
                List.of(
                        text("Grüße, 日本語, 😀"),
                        text(""),
                        Message.builder(random)
                                .attribute(Attributes.CONTENT_TYPE, "application/octet-stream")
                                .build(),
                        Message.builder(new byte[] {0, -1, 10, 13})
                                .type("picture é")
                                .key("key é")
                                .attribute(Attributes.CONTENT_TYPE, "image/png")
                                .attribute("width", "a:b=c;d,e 😀")
                                .build());

        for (Message message : messages) {
            node.broadcast(topic, message);
        }
        node.broadcast(topic, text("end", "id-1"));

        sink.awaitEphemeral("end");
        assertThat(sink.ephemeral())
                .as("ephemeral messages received")
                .filteredOn(message -> !isProbe(message))
                .extracting(EphemeralMessage::message)
                .startsWith(messages.toArray(Message[]::new))
                .endsWith(text("end"));
        assertThat(sink.ephemeral())
                .as("topics of ephemeral messages")
                .allMatch(message -> message.topic() == null);
    }

    @Test
    void broadcastsTheLongestMessageAndRefusesALongerOne() {
        Broker node = createEphemeralNode();
        var sink = new RecordingSink();
        node.subscribe(topic, sink);
        open(node, sink);
        int max = node.maxMessageBytes();
        byte[] longest = new byte[max];
        longest[max - 1] = 1;

        node.broadcast(topic, Message.of(longest));
        assertThatThrownBy(() -> node.broadcast(topic, Message.of(new byte[max + 1])))
                .isInstanceOf(MessageRefusedException.class)
                .hasMessageContaining("max=" + max);

        awaitThat(
                "the longest message",
                () ->
                        sink.ephemeral().stream()
                                .anyMatch(message -> message.message().data().length == max));
        assertThat(sink.ephemeral().getLast().message().data())
                .as("the longest data")
                .isEqualTo(longest);
    }

    @Test
    void refusesToEndATopicWithAnEphemeralMessage() {
        Broker node = createEphemeralNode();

        assertThatThrownBy(
                        () -> node.broadcast(topic, Message.builder(new byte[0]).end(true).build()))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void broadcastsToThePatternsThatMatch() {
        needs(Capability.PATTERNS);
        Broker node = createEphemeralNode();
        Broker other = node.capabilities().contains(Capability.SHARED) ? createNode() : node;
        String room = topic + "/room é/1";
        var all = new RecordingSink();
        var one = new RecordingSink();
        var none = new RecordingSink();
        other.subscribe(topic + "/**", all);
        other.subscribe(topic + "/*/1", one);
        other.subscribe(topic + "/*/2", none);
        open(node, room, all);
        open(node, room, one);

        node.broadcast(room, text("hello"));
        node.publish(room, text("logged"));

        for (RecordingSink sink : List.of(all, one)) {
            sink.awaitEphemeral("hello");
            sink.awaitText("logged");
            assertThat(sink.ephemeral())
                    .as("topics of ephemeral messages")
                    .allMatch(message -> room.equals(message.topic()));
            assertThat(withoutProbes(sink)).as("what sink received").containsExactly("hello");
            assertThat(sink.gaps()).as("gaps that sink was told of").isEmpty();
            sink.assertCalledProperly();
        }
        assertThat(none.ephemeral())
                .as("ephemeral messages for a pattern that does not match")
                .isEmpty();
    }

    @Test
    void goesOnWhenASinkFailsWithAnEphemeralMessage() {
        Broker node = createEphemeralNode();
        var sink = new RecordingSink();
        node.subscribe(
                topic,
                new Counting() {
                    @Override
                    public void ephemeral(EphemeralMessage message) {
                        throw new IllegalStateException("thrown by a test");
                    }
                });
        node.subscribe(topic, sink);
        open(node, sink);

        node.broadcast(topic, text("1"));
        node.publish(topic, text("2"));

        sink.awaitEphemeral("1");
        sink.awaitText("2");
    }

    /** Ephemeral messages come faster than a sink takes them. */
    @Test
    void dropsEphemeralMessagesRatherThanDelayEvents() throws Exception {
        Broker node = createEphemeralNode();
        var sink =
                new Counting() {
                    @Override
                    public void ephemeral(EphemeralMessage message) {
                        for (int i = 0; i < 2000; i++) {
                            Thread.onSpinWait();
                        }
                        ephemeral.incrementAndGet();
                    }
                };
        node.subscribe(topic, sink);
        var done = new AtomicBoolean();
        List<Future<?>> flood =
                List.of(
                        run(() -> broadcastUntil(node, done)),
                        run(() -> broadcastUntil(node, done)));
        awaitThat("the flood", () -> sink.ephemeral.get() > 0);

        for (int i = 1; i <= 20; i++) {
            int expected = i;
            node.publish(topic, text("" + i));
            awaitThat("event " + i, () -> sink.entries.get() == expected);
        }

        done.set(true);
        join(flood);
        assertThat(sink.gaps).as("gaps that sink was told of").hasValue(0);
    }

    private Broker createEphemeralNode() {
        needs(Capability.EPHEMERAL);
        Broker node = createNode();
        return node;
    }

    /** Returns once what {@code from} broadcasts arrives. */
    private void open(Broker from, RecordingSink sink) {
        open(from, topic, sink);
    }

    private static void open(Broker from, String topic, RecordingSink sink) {
        int before = sink.ephemeral().size();
        awaitThat(
                "a way to the other node",
                () -> {
                    from.broadcast(topic, text("probe"));
                    return sink.ephemeral().size() > before;
                });
    }

    private static boolean isProbe(EphemeralMessage message) {
        return new String(message.message().data(), StandardCharsets.UTF_8).equals("probe");
    }

    private static List<String> withoutProbes(RecordingSink sink) {
        return sink.ephemeralTexts().stream().filter(text -> !text.equals("probe")).toList();
    }

    private void broadcastUntil(Broker node, AtomicBoolean done) {
        try {
            while (!done.get()) {
                node.broadcast(topic, text("flood"));
            }
        } catch (IllegalStateException | BrokerUnavailableException _) {
            // It is closed.
        }
    }

    /** A sink that counts. */
    private static class Counting implements Broker.Sink {

        final AtomicInteger entries = new AtomicInteger();
        final AtomicInteger gaps = new AtomicInteger();
        final AtomicInteger ephemeral = new AtomicInteger();

        @Override
        public void message(Entry entry) {
            entries.incrementAndGet();
        }

        @Override
        public void gap(Position after, Position before, GapReason reason) {
            gaps.incrementAndGet();
        }
    }
}
