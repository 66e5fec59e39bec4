package dev.longwave.broker.testing;

import static dev.longwave.broker.testing.RecordingSink.texts;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.longwave.broker.Broker;
import dev.longwave.broker.BrokerState;
import dev.longwave.broker.BrokerUnavailableException;
import dev.longwave.broker.Capability;
import dev.longwave.broker.Message;
import dev.longwave.broker.Published;
import dev.longwave.broker.Start;
import dev.longwave.broker.testing.BrokerFaults.Fault;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** The part of {@link BrokerContractTest} that breaks what is between a broker and its servers. */
abstract class BrokerFaultContract extends BrokerPresenceContract {

    @Test
    void saysThatTheOutcomeIsUnknownWhenItsServersCannotBeReached() {
        needs(Fault.REFUSE);
        Broker node = createNode();
        publishNumbers(node, 1, 1);

        try (var _ = inject(Fault.REFUSE, node)) {
            assertThatThrownBy(() -> node.publish(topic, text("2", "two")))
                    .isInstanceOf(BrokerUnavailableException.class);
        }

        publishUntilAccepted(node, text("2", "two"));
    }

    @Test
    void givesUpInTimeWhenNothingAnswers() throws Exception {
        needs(Fault.BLACKHOLE);
        Broker node = createNode();
        publishNumbers(node, 1, 1);

        try (var _ = inject(Fault.BLACKHOLE, node)) {
            assertThatThrownBy(() -> node.publish(topic, text("2", "two")))
                    .isInstanceOf(BrokerUnavailableException.class);
            var stillSet = new AtomicBoolean();
            Future<?> waiting =
                    run(() -> {
                        Thread.currentThread().interrupt();
                        assertThatThrownBy(() -> node.publish(topic, text("3", "three")))
                                .isInstanceOf(BrokerUnavailableException.class);
                        stillSet.set(Thread.currentThread().isInterrupted());
                    });
            join(List.of(waiting));
            assertThat(stillSet).as("the interrupt flag is still set").isTrue();
        }
    }

    /** What is long does not fit into the buffers on the way. */
    @Test
    void givesUpInTimeToSendLongMessagesToAServerThatStandsStill() throws Exception {
        needs(Fault.FREEZE);
        needs(Capability.DEDUPLICATION);
        Broker node = createNode();
        var sink = new RecordingSink();
        node.subscribe(topic, sink);
        byte[] longData = new byte[node.maxMessageBytes()];
        int messages = 24;

        try (var _ = inject(Fault.FREEZE, node)) {
            var publishing = new ArrayList<Future<?>>();
            for (int i = 0; i < messages; i++) {
                var message = Message.builder(longData).id("long-" + i).build();
                publishing.add(
                        run(() ->
                                assertThatThrownBy(() -> node.publish(topic, message))
                                        .isInstanceOf(BrokerUnavailableException.class)));
            }
            join(publishing);
        }
        for (int i = 0; i < messages; i++) {
            publishUntilAccepted(node, Message.builder(longData).id("long-" + i).build());
        }

        sink.awaitCount(messages);
        assertThat(sink.gaps()).as("gaps that sink was told of").isEmpty();
        publishUntilAccepted(node, text("last", "last"));
        sink.awaitText("last");
        assertThat(sink.positions()).as("positions that sink received").hasSize(messages + 1);
    }

    /**
     * A broker may ask whether its connection is alive before it uses it, and then does not even
     * send the message; so this tries again with another one.
     */
    @Test
    void keepsOneOfTwoWhenTheAnswerWasLost() {
        needs(Fault.LOSE_ACK);
        needs(Capability.DEDUPLICATION);
        Broker node = createNode();
        var sink = new RecordingSink();
        node.subscribe(topic, sink);

        boolean duplicate = false;
        var published = new ArrayList<String>();
        while (!duplicate && published.size() < 20) {
            String id = "id-" + published.size();
            publishUntilAccepted(node, text("before " + id, "before-" + id));
            try (var _ = inject(Fault.LOSE_ACK, node)) {
                assertThatThrownBy(() -> node.publish(topic, text(id, id)))
                        .isInstanceOf(BrokerUnavailableException.class);
            }
            duplicate = publishUntilAccepted(node, text(id, id)).duplicate();
            published.add("before " + id);
            published.add(id);
        }
        publishUntilAccepted(node, text("last", "last"));
        published.add("last");

        assertThat(duplicate).as("one was stored, and repeated as a duplicate").isTrue();
        sink.awaitText("last");
        assertThat(sink.texts()).as("what sink received").isEqualTo(published);
    }

    @Test
    void losesRepeatsAndReordersNothingOverDisconnects() {
        needs(Fault.CUT);
        needs(Capability.HISTORY);
        needs(Capability.DEDUPLICATION);
        Broker node = createNode();
        Broker other = node.capabilities().contains(Capability.SHARED) ? createNode() : node;
        var sink = new RecordingSink();
        var otherSink = new RecordingSink();
        node.subscribe(topic, sink);
        other.subscribe(topic, otherSink);

        for (int i = 1; i <= 200; i++) {
            if (i % 40 == 0) {
                inject(Fault.CUT, i % 80 == 0 ? node : other).close();
            }
            publishUntilAccepted(node, text("" + i, "id-" + i));
        }

        for (RecordingSink each : List.of(sink, otherSink)) {
            each.awaitText("200");
            each.assertCalledProperly();
            assertThat(each.gaps()).as("gaps that each was told of").isEmpty();
            assertThat(each.texts()).as("what each received").isEqualTo(numbers(1, 200));
        }
    }

    @Test
    void losesRepeatsAndReordersNothingOfAPatternOverDisconnects() {
        needs(Fault.CUT);
        needs(Capability.PATTERNS);
        needs(Capability.HISTORY);
        needs(Capability.DEDUPLICATION);
        Broker node = createNode();
        Broker other = node.capabilities().contains(Capability.SHARED) ? createNode() : node;
        var sink = new RecordingSink();
        var otherSink = new RecordingSink();
        node.subscribe(topic + "/*", sink);
        other.subscribe(topic + "/*", otherSink);

        for (int i = 1; i <= 200; i++) {
            if (i % 40 == 0) {
                inject(Fault.CUT, i % 80 == 0 ? node : other).close();
            }
            publishUntilAccepted(node, topic + '/' + i % 7, text("" + i, "id-" + i));
        }

        for (RecordingSink each : List.of(sink, otherSink)) {
            each.awaitText("200");
            each.assertCalledProperly();
            assertThat(each.gaps()).as("gaps that each was told of").isEmpty();
            assertThat(each.texts()).as("what each received").isEqualTo(numbers(1, 200));
        }
    }

    @Test
    void bringsALostLastMessageByItself() {
        needs(Fault.LOSE_LIVE);
        needs(Capability.HISTORY);
        Broker node = createNode();
        var sink = new RecordingSink();
        node.subscribe(topic, sink);

        try (var _ = inject(Fault.LOSE_LIVE, node)) {
            publishNumbers(node, 1, 1);
        }

        sink.awaitText("1");
        publishNumbers(node, 2, 2);
        sink.awaitText("2");
        assertThat(sink.texts()).as("what sink received").containsExactly("1", "2");
    }

    @Test
    void bringsWhatWasPublishedElsewhereWhileItWasCutOff() {
        needs(Fault.REFUSE);
        needs(Capability.HISTORY);
        needs(Capability.SHARED);
        Broker node = createNode();
        Broker other = createNode();
        var sink = new RecordingSink();
        node.subscribe(topic, sink);
        publishNumbers(other, 1, 10);
        sink.awaitCount(10);

        try (var _ = inject(Fault.REFUSE, node)) {
            awaitThat("word of it", () -> states(node).getLast() == BrokerState.DISCONNECTED);
            publishNumbers(other, 11, 1000);
        }

        sink.awaitText("1000");
        sink.assertCalledProperly();
        assertThat(sink.gaps()).as("gaps that sink was told of").isEmpty();
        assertThat(sink.texts()).as("what sink received").isEqualTo(numbers(1, 1000));
        awaitThat("recovery", () -> states(node).getLast() == BrokerState.CONNECTED);
    }

    @Test
    void refusesToSubscribeAndCanBeLeftWhileNothingAnswers() {
        needs(Fault.BLACKHOLE);
        needs(Capability.SHARED);
        Broker node = createNode();
        var sink = new RecordingSink();
        Broker.Subscription subscription = node.subscribe(topic, sink);

        try (var _ = inject(Fault.BLACKHOLE, node)) {
            assertThatThrownBy(() -> node.subscribe(topic + "/other", new RecordingSink()))
                    .isInstanceOf(BrokerUnavailableException.class);
            subscription.close();
            sink.expectNoMore();
        }

        publishUntilAccepted(node, text("1", "one"));
        awaitThat("recovery", () -> canSubscribe(node, topic + "/other"));
        sink.assertCalledProperly();
    }

    @Test
    void goesOnAfterItsServersWereKilled() {
        needs(Fault.KILL);
        Broker node = createNode();
        var sink = new RecordingSink();
        node.subscribe(topic, sink);
        var published = new ArrayList<>(publishNumbers(node, 1, 50));
        sink.awaitCount(50);

        inject(Fault.KILL, node).close();
        published.add(publishUntilAccepted(node, text("51", "id-51")).position());

        sink.awaitText("51");
        assertThat(sink.texts()).as("what sink received").isEqualTo(numbers(1, 51));
        if (node.capabilities().contains(Capability.DURABLE)) {
            assertThat(sink.gaps()).as("gaps that sink was told of").isEmpty();
            assertThat(texts(readAll(node, Start.earliest(), NO_BOUND)))
                    .as("the log of a durable broker")
                    .isEqualTo(numbers(1, 51));
            assertThat(sink.positions()).as("positions that sink received").isEqualTo(published);
        } else {
            assertThat(sink.gaps()).as("a lost log is told of").isNotEmpty();
        }
    }

    @Test
    void noticesThatItsServersStandStill() {
        needs(Fault.FREEZE);
        Broker node = createNode();
        var sink = new RecordingSink();
        node.subscribe(topic, sink);

        try (var _ = inject(Fault.FREEZE, node)) {
            awaitThat("word of it", () -> states(node).contains(BrokerState.DISCONNECTED));
        }

        awaitThat("recovery", () -> states(node).getLast() == BrokerState.CONNECTED);
        publishUntilAccepted(node, text("1", "one"));
        sink.awaitText("1");
    }

    private Published publishUntilAccepted(Broker node, Message message) {
        return publishUntilAccepted(node, topic, message);
    }

    private static Published publishUntilAccepted(Broker node, String to, Message message) {
        var published = new AtomicReference<@Nullable Published>();
        awaitThat(
                "acceptance",
                () -> {
                    try {
                        published.set(node.publish(to, message));
                        return true;
                    } catch (BrokerUnavailableException _) {
                        return false;
                    }
                });
        return Objects.requireNonNull(published.get());
    }

    private static boolean canSubscribe(Broker node, String topic) {
        try {
            node.subscribe(topic, new RecordingSink()).close();
            return true;
        } catch (BrokerUnavailableException _) {
            return false;
        }
    }
}
