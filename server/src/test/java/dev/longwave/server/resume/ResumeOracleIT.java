package dev.longwave.server.resume;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.longwave.broker.testing.Ending;
import dev.longwave.broker.testing.Fate;
import dev.longwave.testing.Protocol;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * What event sources collect is what was published, once and in order, or a gap tells what is
 * missing, wherever and however often their connections are cut.
 */
final class ResumeOracleIT {

    /** Beyond the header and one event of each short kind, over any protocol. */
    private static final int EVERY_KIND_BYTES = 2500;

    /**
     * Cuts connections after 0, 1, 2… bytes, in no order: in order, a stream would be cut in its
     * header only while there are no events yet. One that ends before it can be cut is made up for
     * by a later one.
     */
    private static Supplier<Fate> cutsAtEachByte(int bytes, Trial trial) {
        Random random = trial.random();
        var left = new ArrayDeque<Long>();
        return () -> {
            if (left.isEmpty()) {
                Set<Long> done = trial.proxy().cutAfter();
                List<Long> again = new ArrayList<>(LongStream.range(0, bytes).boxed().toList());
                again.removeAll(done);
                Collections.shuffle(again, random);
                left.addAll(again);
            }
            Long offset = left.poll();
            return offset == null ? new Fate.Pass() : new Fate.Cut(offset, Ending.FIN);
        };
    }

    @ParameterizedTest
    @EnumSource(Protocol.class)
    void losesNothingAtWhateverByteAStreamIsCut(Protocol protocol) throws Exception {
        try (var trial = Trial.over(protocol)) {
            trial.proxy().fates(cutsAtEachByte(EVERY_KIND_BYTES, trial));

            trial.read(8, "bytes");
            Future<?> publishing =
                    trial.shortEvents("bytes")
                            .publishUntil(
                                    () -> trial.proxy().cutAfter().size() >= EVERY_KIND_BYTES);

            Trial.join(List.of(publishing));
            trial.verifyComplete();
        }
    }

    @ParameterizedTest
    @EnumSource(Protocol.class)
    void losesNothingOfLongStreamsThatAreCutAnywhere(Protocol protocol) throws Exception {
        try (var trial = Trial.over(protocol, "hub.topic-log-events=32", "hub.page-events=16")) {
            trial.proxy().fates(Fate.cutsAtRandom(trial.random(), 150_000));
            List<Future<?>> publishing = new ArrayList<>();

            for (String topic : List.of("long/a", "long/b", "long/ü c")) {
                trial.read(2, topic);
                publishing.add(trial.events(topic).publishInBackground(1000));
            }

            Trial.join(publishing);
            trial.verifyComplete();
        }
    }

    @ParameterizedTest
    @EnumSource(Protocol.class)
    void losesNothingOfSeveralTopicsOnOneStream(Protocol protocol) throws Exception {
        try (var trial = Trial.over(protocol, "hub.topic-log-events=32")) {
            String[] topics = {"several/busy", "several/bursts", "several/quiet"};
            trial.proxy().fates(Fate.cutsAtRandom(trial.random(), 3000));
            trial.read(6, topics);
            Trial.Publisher quiet = trial.shortEvents(topics[2]);
            Trial.Publisher bursts = trial.shortEvents(topics[1]);
            Future<?> busy =
                    trial.shortEvents(topics[0]).publishUntil(() -> trial.proxy().cuts() >= 600);

            for (int round = 1; round <= 5; round++) {
                int enough = 100 * round;
                await().atMost(Trial.TIMEOUT)
                        .until(() -> trial.proxy().cuts() >= enough || busy.isDone());
                quiet.publish(1);
                Trial.join(List.of(bursts.publishInBackground(40)));
            }

            Trial.join(List.of(busy));
            trial.verifyComplete();
        }
    }

    @ParameterizedTest
    @EnumSource(value = Protocol.class, names = "CENTRIFUGE", mode = EnumSource.Mode.EXCLUDE)
    void tellsExactlyWhatIsNoLongerInHistory(Protocol protocol) throws Exception {
        int retained = 20;
        try (var trial =
                Trial.over(
                        protocol,
                        "broker.memory.retention-count=" + retained,
                        "hub.topic-log-events=8")) {
            Trial.Publisher evicted = trial.shortEvents("evicted");
            Trial.Publisher kept = trial.shortEvents("kept");
            evicted.publish(5);
            kept.publish(5);
            trial.read(3, "evicted");
            trial.read(3, "evicted", "kept");
            trial.verifyComplete();
            List<Integer> before = counts(trial);

            trial.proxy().fates(Fate.Refuse::new);
            trial.proxy().cut();
            evicted.publish(100);
            kept.publish(retained);
            trial.proxy().fates(Fate.Pass::new);

            trial.verify();
            for (Trial.Reader reader : trial.readers()) {
                assertThat(reader.gaps())
                        .singleElement()
                        .satisfies(gap -> {
                            assertThat(gap.get("reason").asText()).isEqualTo("expired");
                            assertThat(gap.get("topic").asText()).isEqualTo("evicted");
                        });
            }
            // The gap and what is retained, of each topic of the stream.
            for (int i = 0; i < before.size(); i++) {
                int retainedOfAll = i < 3 ? retained : 2 * retained;
                assertThat(counts(trial).get(i) - before.get(i)).isEqualTo(1 + retainedOfAll);
            }
        }
    }

    /** One event too many is missing: its clients begin anew, with none of the others either. */
    @Test
    void tellsCentrifugeClientsWhetherTheyHaveRecovered() throws Exception {
        int retained = 20;
        try (var trial =
                Trial.over(
                        Protocol.CENTRIFUGE,
                        "broker.memory.retention-count=" + retained,
                        "hub.topic-log-events=8")) {
            Trial.Publisher evicted = trial.shortEvents("evicted");
            Trial.Publisher kept = trial.shortEvents("kept");
            evicted.publish(5);
            kept.publish(5);
            trial.read(3, "evicted");
            trial.read(3, "evicted", "kept");
            trial.verifyComplete();
            List<Integer> before = counts(trial);

            trial.proxy().fates(Fate.Refuse::new);
            trial.proxy().cut();
            evicted.publish(retained + 1);
            kept.publish(retained);
            trial.proxy().fates(Fate.Pass::new);
            trial.verify();

            for (int i = 0; i < before.size(); i++) {
                int recovered = i < 3 ? 0 : retained;
                assertThat(counts(trial).get(i) - before.get(i)).isEqualTo(1 + recovered);
            }
            evicted.publish(1);
            kept.publish(1);
            trial.verify();
            for (Trial.Reader reader : trial.readers()) {
                assertThat(reader.gaps())
                        .singleElement()
                        .satisfies(gap -> {
                            assertThat(gap.get("reason").asText()).isEqualTo("expired");
                            assertThat(gap.get("topic").asText()).isEqualTo("evicted");
                        });
            }
        }
    }

    private static List<Integer> counts(Trial trial) {
        return trial.readers().stream().map(reader -> reader.source().events().size()).toList();
    }

    @ParameterizedTest
    @EnumSource(Protocol.class)
    void tellsWhatIsEvictedWhilePublishingGoesOn(Protocol protocol) throws Exception {
        try (var trial =
                Trial.over(
                        protocol,
                        "broker.memory.retention-count=10",
                        "hub.topic-log-events=4",
                        "hub.page-events=3")) {
            trial.read(6, "stream");
            Trial.Publisher publisher = trial.shortEvents("stream");
            publisher.publish(1);
            trial.verifyComplete(); // all have begun

            trial.proxy().fates(Fate.cutsAtRandom(trial.random(), 3000));
            trial.proxy().cut();
            Trial.join(List.of(publisher.floodUntil(() -> trial.proxy().cuts() >= 300)));

            trial.verify();
            assertThat(reasons(trial)).isSubsetOf("expired");
        }
    }

    @ParameterizedTest
    @EnumSource(Protocol.class)
    void tellsOfARestartAndLosesNothingAfterIt(Protocol protocol) throws Exception {
        try (var trial = Trial.over(protocol)) {
            Trial.Publisher one = trial.shortEvents("one");
            Trial.Publisher other = trial.shortEvents("other");
            trial.proxy().fates(Fate.cutsAtRandom(trial.random(), 2000));
            trial.read(3, "one");
            trial.read(3, "one", "other");
            one.publish(1);
            other.publish(1);
            trial.verifyComplete(); // all have begun

            for (int restarts = 0; restarts < 3; restarts++) {
                Trial.join(List.of(one.publishInBackground(100), other.publishInBackground(50)));
                trial.restart();
            }
            Trial.join(List.of(one.publishInBackground(50), other.publishInBackground(50)));

            trial.verify();
            assertThat(reasons(trial)).containsOnly("epoch-changed");
            assertThat(trial.readers())
                    .allSatisfy(reader -> assertThat(reader.gaps()).isNotEmpty());
        }
    }

    private static Stream<String> reasons(Trial trial) {
        return trial.readers().stream()
                .flatMap(reader -> reader.gaps().stream())
                .map(gap -> gap.get("reason").asText());
    }

    @ParameterizedTest
    @EnumSource(Protocol.class)
    void readsWhatOvertookAReaderBackFromHistory(Protocol protocol) throws Exception {
        try (var trial = Trial.over(protocol, "hub.topic-log-events=8", "hub.page-events=8")) {
            trial.proxy().fates(() -> new Fate.Throttle(2_000_000));
            trial.read(2, "one");
            trial.read(2, "one", "other");
            trial.readers().forEach(reader -> reader.source().awaitOpen());

            Trial.join(
                    List.of(
                            trial.events("one").publishInBackground(700),
                            trial.shortEvents("other").publishInBackground(700)));

            trial.verifyComplete();
        }
    }

    @ParameterizedTest
    @EnumSource(Protocol.class)
    void keepsTheCursorOfAQuietTopic(Protocol protocol) throws Exception {
        int bytes = 500; // the header, the opening and some heartbeats
        try (var trial =
                Trial.over(protocol, "sse.heartbeat-interval=PT0.1S", "hub.topic-linger=PT0.01S")) {
            trial.proxy().fates(cutsAtEachByte(bytes, trial));
            Map<Trial.Reader, String> cursors = new LinkedHashMap<>();
            List<Trial.Publisher> publishers = new ArrayList<>();
            for (int i = 0; i < 25; i++) {
                Trial.Publisher publisher = trial.shortEvents("quiet/" + i);
                String id = publisher.publishOne();
                publishers.add(publisher);
                cursors.put(trial.readLive("quiet/" + i), id);
            }

            await().atMost(Trial.TIMEOUT).until(() -> trial.proxy().cutAfter().size() >= bytes);
            cursors.forEach((reader, id) -> reader.source().awaitLastEventId(id));
            cursors.forEach(ResumeOracleIT::assertKept);
            publishers.forEach(Trial.Publisher::publishOne);

            for (Trial.Reader reader : cursors.keySet()) {
                assertThat(reader.source().awaitEvents(1)).hasSize(1);
                assertThat(reader.gaps()).isEmpty();
            }
        }
    }

    /** Once it has the cursor, it sends it each time. */
    private static void assertKept(Trial.Reader reader, String id) {
        List<String> sent = reader.source().cursorsSent();
        int first = sent.contains(id) ? sent.indexOf(id) : sent.size();
        assertThat(sent.subList(0, first)).containsOnly("");
        assertThat(sent.subList(first, sent.size())).isSubsetOf(id);
        assertThat(reader.source().events()).isEmpty();
    }

    @ParameterizedTest
    @EnumSource(value = Protocol.class, names = "CENTRIFUGE", mode = EnumSource.Mode.EXCLUDE)
    void endsWithTheTopicAtWhateverByteItsStreamIsCut(Protocol protocol) throws Exception {
        try (var trial = Trial.over(protocol)) {
            Trial.Publisher publisher = trial.shortEvents("ended");
            publisher.publish(4);
            publisher.end();
            Random random = trial.random();

            int offset = 0;
            for (boolean cut = true; cut; offset++) {
                int at = offset;
                var connection = new AtomicInteger();
                trial.proxy()
                        .fates(() ->
                                switch (connection.getAndIncrement()) {
                                    case 0 -> new Fate.Cut(at, Ending.FIN);
                                    case 1 -> new Fate.Cut(random.nextInt(1000), Ending.RST);
                                    default -> new Fate.Pass();
                                });
                int cuts = trial.proxy().cuts();
                trial.readEnded("ended");
                cut = trial.proxy().cuts() > cuts;
            }

            assertThat(offset).isGreaterThan(400);
        }
    }
}
