package dev.longwave.broker.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.longwave.broker.Attributes;
import dev.longwave.broker.Broker;
import dev.longwave.broker.BrokerUnavailableException;
import dev.longwave.broker.Capability;
import dev.longwave.broker.Entry;
import dev.longwave.broker.Message;
import dev.longwave.broker.MessageRefusedException;
import dev.longwave.broker.Page;
import dev.longwave.broker.Position;
import dev.longwave.broker.Publication;
import dev.longwave.broker.PublishResult;
import dev.longwave.broker.Published;
import dev.longwave.broker.Start;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * The part of {@link BrokerContractTest} that is about what a message carries: data of every kind,
 * attributes, and several messages at once.
 */
abstract class BrokerContentContract extends DeploymentFixture {

    protected static final @Nullable Position NO_BOUND = null;

    private static final String BINARY = "application/octet-stream";
    private static final int LONG = 64 * 1024; // every broker takes that

    // Data and attributes

    @Test
    void carriesBinaryDataByteForByte() {
        byte[] all = new byte[512];
        for (int i = 0; i < all.length; i++) {
            all[i] = (byte) i;
        }
        byte[] random = new byte[LONG];
        new Random(42).nextBytes(random);

        assertCarried(
                List.of(binary(all), binary(new byte[0]), binary(random), binary(new byte[] {-1})));
    }

    @Test
    void carriesTextWithAContentType() {
        assertCarried(
                List.of(
                        typed("{\"é\": \"日本\"}", "application/json"),
                        typed("<p>ü</p>", "text/html; charset=utf-8"),
                        typed("\r\nlines\rof\n\ntext\n", "text/plain")));
    }

    @Test
    void carriesAttributesOfEveryKind() {
        assertCarried(
                List.of(
                        with("a", "1"),
                        with("empty-looking", "."),
                        with("utf-8", "Grüße, 日本語, 😀, e\u0301, \u200b"),
                        with("punctuation", "a:b=c;d,e \"f\" 'g' %20 \\n {h} [i] <j> $k #l &m"),
                        with("spaces", "a  b   c"),
                        with("0", "0"),
                        with("-", "-"),
                        with("x".repeat(Attributes.MAX_NAME_LENGTH), "y"),
                        with(
                                Attributes.TRACEPARENT,
                                "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"),
                        text("none")));
    }

    @Test
    void carriesAsManyAndAsLongAttributesAsThereMayBe() {
        Message.Builder most = Message.builder(bytes("most"));
        int each = Attributes.MAX_BYTES / Attributes.MAX_COUNT;
        for (int i = 0; i < Attributes.MAX_COUNT; i++) {
            String name = "name-" + (char) ('a' + i);
            most.attribute(name, "é".repeat((each - name.length()) / 2));
        }
        Message longest = with("n", "v".repeat(Attributes.MAX_BYTES - 1));

        assertThat(most.build().attributes().bytes()).isEqualTo(Attributes.MAX_BYTES);
        assertCarried(List.of(most.build(), longest));
    }

    @Test
    void carriesAttributesWithAllElse() {
        assertCarried(
                List.of(
                        Message.builder(new byte[] {0, -1, 10, 13})
                                .id("id-1")
                                .type("picture é")
                                .key("key é")
                                .attribute(Attributes.CONTENT_TYPE, "image/png")
                                .attribute("width", "2")
                                .end(true)
                                .build()));
    }

    @Test
    void takesTheLongestDataWithTheLongestAttributes() {
        Broker node = createNode();
        byte[] data = new byte[node.maxMessageBytes()];
        new Random(1).nextBytes(data);
        Message message =
                Message.builder(data)
                        .id("i".repeat(Message.MAX_ID_LENGTH))
                        .type("é".repeat(Message.MAX_TYPE_LENGTH))
                        .key("日".repeat(Message.MAX_KEY_LENGTH))
                        .attribute(Attributes.CONTENT_TYPE, BINARY)
                        .attribute("n", "v".repeat(Attributes.MAX_BYTES - 37))
                        .build();
        assertThat(message.attributes().bytes()).isEqualTo(Attributes.MAX_BYTES);
        var sink = new RecordingSink();
        node.subscribe(topic, sink);

        node.publish(topic, message);

        sink.awaitCount(1);
        assertThat(sink.entries().getFirst().message()).as("message received").isEqualTo(message);
    }

    @Test
    void carriesAttributesOfMessagesWhoseLiveDeliveryWasLost() {
        needs(BrokerFaults.Fault.LOSE_LIVE);
        Broker node = createNode();
        var sink = new RecordingSink();
        node.subscribe(topic, sink);
        List<Message> messages = List.of(binary(new byte[] {0, -1}), with("a", "é"), text("none"));
        try (var _ = inject(BrokerFaults.Fault.LOSE_LIVE, node)) {
            messages.forEach(message -> node.publish(topic, message));
        }

        sink.awaitCount(messages.size());
        assertThat(messages(sink.entries())).as("what sink received").isEqualTo(messages);
    }

    @Test
    void countsAttributesInPages() {
        needs(Capability.HISTORY);
        Broker node = createNode();
        Message message = with("n", "v".repeat(999));
        for (int i = 0; i < 10; i++) {
            node.publish(topic, message);
        }

        Page page = node.history(topic, Start.earliest(), NO_BOUND, 100, 5 * message.size() + 100);

        assertThat(page.entries()).as("entries of 1,000 bytes on a page of about 5,000").hasSize(5);
        assertThat(page.more()).as("whether the log has more after page").isTrue();
    }

    /** Publishes all of them, and checks what arrives live and in history on every node. */
    private void assertCarried(List<Message> messages) {
        Broker here = createNode();
        Set<Capability> capabilities = here.capabilities();
        List<Broker> nodes =
                capabilities.contains(Capability.SHARED)
                        ? List.of(here, createNode())
                        : List.of(here);
        String name = topic + "/carried";
        List<String> asked =
                capabilities.contains(Capability.PATTERNS)
                        ? List.of(name, topic + "/*")
                        : List.of(name);
        var sinks = new ArrayList<RecordingSink>();
        for (Broker node : nodes) {
            for (String one : asked) {
                var sink = new RecordingSink();
                node.subscribe(one, sink);
                sinks.add(sink);
            }
        }

        for (Message message : messages) {
            here.publish(name, message);
        }

        for (RecordingSink sink : sinks) {
            sink.awaitCount(messages.size());
            assertThat(messages(sink.entries())).as("what sink received").isEqualTo(messages);
        }
        if (capabilities.contains(Capability.HISTORY)) {
            for (Broker node : nodes) {
                for (String one : asked) {
                    assertThat(messages(readAll(node, one, Start.earliest(), NO_BOUND)))
                            .as("history of " + one)
                            .isEqualTo(messages);
                }
            }
        }
    }

    private static List<Message> messages(List<Entry> entries) {
        return entries.stream().map(Entry::message).toList();
    }

    private static Message binary(byte[] data) {
        return Message.builder(data).attribute(Attributes.CONTENT_TYPE, BINARY).build();
    }

    private static Message typed(String text, String contentType) {
        return Message.builder(bytes(text)).attribute(Attributes.CONTENT_TYPE, contentType).build();
    }

    private static Message with(String name, String value) {
        return Message.builder(bytes("with " + name)).attribute(name, value).build();
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    // Several messages at once

    @Test
    void publishesSeveralMessagesInOrder() {
        Broker node = createNode();
        String other = topic + "/other";
        var sink = new RecordingSink();
        var otherSink = new RecordingSink();
        node.subscribe(topic, sink);
        node.subscribe(other, otherSink);
        var publications = new ArrayList<Publication>();
        for (int i = 0; i < 200; i++) {
            publications.add(Publication.of(i % 2 == 0 ? topic : other, text(Integer.toString(i))));
        }

        List<PublishResult> results = node.publishAll(publications);

        sink.awaitCount(100);
        otherSink.awaitCount(100);
        assertThat(results)
                .as("results of 200 publications")
                .hasSize(200)
                .allMatch(result -> result.failure().isEmpty());
        for (int i = 0; i < 200; i++) {
            Entry entry = (i % 2 == 0 ? sink : otherSink).entries().get(i / 2);
            assertThat(RecordingSink.texts(List.of(entry)))
                    .as("what was received")
                    .containsExactly(Integer.toString(i));
            assertThat(results.get(i).published().map(Published::position))
                    .as("position in the result")
                    .contains(entry.position());
        }
    }

    @Test
    void publishesTheOthersWhenOneOfSeveralMessagesIsRefused() {
        Broker node = createNode();
        var sink = new RecordingSink();
        node.subscribe(topic, sink);
        var tooLong = Message.of(new byte[node.maxMessageBytes() + 1]);

        List<PublishResult> results =
                node.publishAll(
                        List.of(
                                Publication.of(topic, text("1")),
                                Publication.of(topic, tooLong),
                                Publication.of(topic, text("3"))));

        sink.awaitCount(2);
        assertThat(sink.texts()).as("what sink received").containsExactly("1", "3");
        assertThat(results)
                .as("which are published")
                .extracting(result -> result.published().isPresent())
                .containsExactly(true, false, true);
        assertThat(results.get(1).failure().orElseThrow())
                .as("failure of the message that is too long")
                .isInstanceOf(MessageRefusedException.class);
    }

    @Test
    void saysWhichOfSeveralMessagesAreDuplicates() {
        needs(Capability.DEDUPLICATION);
        Broker node = createNode();
        Position first = node.publish(topic, text("1", "id-1")).position();

        List<PublishResult> results =
                node.publishAll(
                        List.of(
                                Publication.of(topic, text("1", "id-1")),
                                Publication.of(topic, text("2", "id-2")),
                                Publication.of(topic, text("2", "id-2"))));

        List<Published> answers =
                results.stream().map(PublishResult::published).flatMap(Optional::stream).toList();
        assertThat(answers)
                .as("which are duplicates")
                .extracting(Published::duplicate)
                .containsExactly(true, false, true);
        assertThat(answers.get(0).position())
                .as("position of the first one, published again")
                .isEqualTo(first);
        assertThat(answers.get(2).position())
                .as("position of a message that is in the batch twice")
                .isEqualTo(answers.get(1).position());
    }

    @Test
    void publishesNothingOfNothing() {
        assertThat(createNode().publishAll(List.of())).as("results of no publications").isEmpty();
    }

    @Test
    void publishesSeveralMessagesAgainAfterAFailureAndKeepsTheirOrder() {
        needs(BrokerFaults.Fault.REFUSE);
        needs(Capability.DEDUPLICATION);
        needs(Capability.HISTORY);
        Broker node = createNode();
        var publications = new ArrayList<Publication>();
        for (int i = 0; i < 20; i++) {
            publications.add(Publication.of(topic, text(Integer.toString(i), "id-" + i)));
        }
        try (var _ = inject(BrokerFaults.Fault.REFUSE, node)) {
            List<PublishResult> results = node.publishAll(publications);

            assertThat(results)
                    .as("results without an answer")
                    .hasSize(20)
                    .allMatch(result ->
                            result.failure().orElse(null) instanceof BrokerUnavailableException);
        }

        eventually("all of them")
                .until(() ->
                        node.publishAll(publications).stream()
                                .allMatch(result -> result.failure().isEmpty()));
        assertThat(RecordingSink.texts(readAll(node, Start.earliest(), NO_BOUND)))
                .as("the log")
                .isEqualTo(numbers(0, 19));
    }

    @Test
    void publishesNoSeveralMessagesOnceClosed() {
        Broker node = createNode();
        node.close();

        assertThatThrownBy(() -> node.publishAll(List.of(Publication.of(topic, text("late")))))
                .isInstanceOf(IllegalStateException.class);
    }
}
