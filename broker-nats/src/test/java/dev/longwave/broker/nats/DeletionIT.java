package dev.longwave.broker.nats;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.longwave.broker.Broker;
import dev.longwave.broker.Coverage;
import dev.longwave.broker.Entry;
import dev.longwave.broker.GapReason;
import dev.longwave.broker.Page;
import dev.longwave.broker.Position;
import dev.longwave.broker.Presence;
import dev.longwave.broker.Start;
import dev.longwave.broker.testing.RecordingSink;
import io.nats.client.impl.Headers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;

final class DeletionIT extends StreamFixture {

    /** A sink that also records how far it was told to forget. */
    private static final class Forgetful implements Broker.Sink {

        final List<String> texts = new CopyOnWriteArrayList<>();
        final List<GapReason> gaps = new CopyOnWriteArrayList<>();
        final List<Position> forgotten = new CopyOnWriteArrayList<>();

        @Override
        public void message(Entry entry) {
            texts.add(new String(entry.message().data(), StandardCharsets.UTF_8));
        }

        @Override
        public void gap(Position after, Position before, GapReason reason) {
            gaps.add(reason);
        }

        @Override
        public void deleted(Position upTo) {
            forgotten.add(upTo);
        }
    }

    @Test
    void erasesATopicOnAllNodesAndNothingElse() {
        Broker node = createNode();
        Broker other = createNode();
        var sinks = List.of(new Forgetful(), new Forgetful(), new Forgetful());
        node.subscribe("a", sinks.getFirst());
        other.subscribe("a", sinks.get(1));
        other.subscribe("*", sinks.getLast());
        publish(node, "a", "1", "2", "3");
        publish(node, "b", "b1");
        Position third = node.publish("a", text("4")).position();
        node.presence()
                .orElseThrow()
                .put("a", Presence.Member.of("ann", "Ann"), Duration.ofMinutes(1));
        assertThat(node.claim("a", Duration.ofMinutes(1))).isTrue();
        sinks.forEach(sink -> awaitText(sink, "4"));

        Position upTo = node.delete("a");

        assertThat(upTo).isEqualTo(third);
        for (Broker each : List.of(node, other, createNode())) {
            for (Start start : List.of(Start.earliest(), Start.last(10))) {
                Page page = each.history("a", start, NO_BOUND, ALL, ALL);
                assertThat(page.entries()).isEmpty();
                assertThat(page.coverage()).isEqualTo(Coverage.COMPLETE);
            }
            assertThat(texts(each.history("*", Start.earliest(), NO_BOUND, ALL, ALL)))
                    .containsExactly("b1");
        }
        sinks.forEach(sink ->
                await("to be told to forget")
                        .atMost(TIMEOUT)
                        .until(() -> sink.forgotten.contains(upTo)));
        Position next = node.publish("a", text("5")).position();
        assertThat(next.isAfter(upTo)).isTrue();
        sinks.forEach(sink -> awaitText(sink, "5"));
        assertThat(sinks).allSatisfy(sink -> assertThat(sink.gaps).isEmpty());
        assertThat(node.presence().orElseThrow().count("a")).isEqualTo(1);
        assertThat(other.claim("a", Duration.ofMinutes(1))).isFalse();
    }

    @Test
    void tellsThoseWhoHadNotReceivedEverything() {
        Broker node = createNode();
        publish(node, "a", "1", "2");
        publish(node, "b", "b1");
        publish(node, "a", "3");
        List<Position> positions =
                node.history("a", Start.earliest(), NO_BOUND, ALL, ALL).entries().stream()
                        .map(Entry::position)
                        .toList();
        Position early = positions.getFirst();
        Position end = positions.getLast();

        node.delete("a");
        publish(node, "b", "b2");
        publish(node, "a", "4");

        for (Broker each : List.of(node, createNode())) {
            Page missed = each.history("a", Start.after(early), NO_BOUND, ALL, ALL);
            assertThat(missed.coverage()).isEqualTo(Coverage.DELETED);
            assertThat(texts(missed)).containsExactly("4");
            Page complete = each.history("a", Start.after(end), NO_BOUND, ALL, ALL);
            assertThat(complete.coverage()).isEqualTo(Coverage.COMPLETE);
            assertThat(texts(complete)).containsExactly("4");
            Page pattern = each.history("*", Start.after(early), NO_BOUND, ALL, ALL);
            assertThat(texts(pattern)).containsExactly("b1");
            assertThat(pattern.more()).isTrue();
            Page rest = each.history("*", Start.after(pattern.end()), NO_BOUND, ALL, ALL);
            assertThat(rest.coverage()).isEqualTo(Coverage.DELETED);
            assertThat(texts(rest)).containsExactly("b2", "4");
            Page patternEnd = each.history("*", Start.after(end), NO_BOUND, ALL, ALL);
            assertThat(patternEnd.coverage()).isEqualTo(Coverage.COMPLETE);
            assertThat(texts(patternEnd)).containsExactly("b2", "4");
        }
    }

    @Test
    void deletesAgain() {
        Broker node = createNode();
        publish(node, "a", "1");
        node.delete("a");
        publish(node, "a", "2");
        Position second = node.delete("a");

        assertThat(node.delete("a")).isEqualTo(second);
        publish(node, "a", "3");

        assertThat(texts(node.history("a", Start.earliest(), NO_BOUND, ALL, ALL)))
                .containsExactly("3");
        assertThat(node.delete("never/used")).isNotNull();
    }

    /** "Nobody but the server can say gap." */
    @Test
    void isNotFooledByAMarkOfSomebodyElse() {
        Broker node = createNode();
        var sink = new Forgetful();
        node.subscribe("a", sink);
        publish(node, "a", "1");
        Position early =
                node.history("a", Start.earliest(), NO_BOUND, ALL, ALL)
                        .entries()
                        .getFirst()
                        .position();
        publish(node, "a", "2", "3");
        var headers = new Headers();
        headers.put("Longwave-Deleted", Long.toString(early.major() + 2));

        Streams.connected(
                server.uri(),
                connection ->
                        connection
                                .jetStream(Streams.LONG_TIMEOUT)
                                .publish(name + ".events.a", headers, new byte[0]));
        publish(node, "a", "4");

        awaitText(sink, "4");
        assertThat(sink.texts).containsExactly("1", "2", "3", "4");
        assertThat(sink.gaps).isEmpty();
        assertThat(sink.forgotten).isEmpty();
        Page page = node.history("a", Start.after(early), NO_BOUND, ALL, ALL);
        assertThat(page.coverage()).isEqualTo(Coverage.COMPLETE);
        assertThat(texts(page)).containsExactly("2", "3", "4");
    }

    private static void awaitText(Forgetful sink, String text) {
        await("message " + text).atMost(TIMEOUT).until(() -> sink.texts.contains(text));
    }

    private static void publish(Broker node, String topic, String... texts) {
        for (String text : texts) {
            node.publish(topic, text(text));
        }
    }

    private static List<String> texts(Page page) {
        return RecordingSink.texts(page.entries());
    }
}
