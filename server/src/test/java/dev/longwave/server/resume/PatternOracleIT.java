package dev.longwave.server.resume;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.longwave.broker.Position;
import dev.longwave.broker.testing.Fate;
import dev.longwave.broker.testing.FaultProxy;
import dev.longwave.core.EventId;
import dev.longwave.testing.EventSourceClient;
import dev.longwave.testing.Protocol;
import dev.longwave.testing.PublishClient;
import dev.longwave.testing.ReceivedEvent;
import dev.longwave.testing.Seed;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * A pattern is resumed as a topic is: what its readers get over any number of cuts is the log of
 * all its topics, in its order, each event once; or a gap covers exactly what is missing.
 */
final class PatternOracleIT {

    private static final String PATTERN = "jobs/*";
    private static final Duration TIMEOUT = Duration.ofMinutes(5);
    private static final int PUBLISHERS = 4;
    private static final ObjectMapper JSON = new ObjectMapper();

    private final long seed = Seed.fresh();
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final List<AutoCloseable> open = new ArrayList<>();
    private final List<EventSourceClient> readers = new ArrayList<>();

    /** What was published to topics of the pattern: data by place in the order. */
    private final ConcurrentSkipListMap<Long, String> log = new ConcurrentSkipListMap<>();

    @AfterEach
    void close() throws Exception {
        threads.shutdownNow();
        readers.forEach(EventSourceClient::close);
        for (AutoCloseable each : open.reversed()) {
            each.close();
        }
    }

    @ParameterizedTest
    @EnumSource(value = Protocol.class, names = "CENTRIFUGE", mode = EnumSource.Mode.EXCLUDE)
    void losesNothingOfAPatternThatManyPublishTo(Protocol protocol) throws Exception {
        // A ring and pages that are lapped all the time, and topics that come and go.
        InProcessServer server =
                start(
                        "hub.topic-log-events=16",
                        "hub.page-events=7",
                        "hub.topic-linger=PT0.01S",
                        "sse.heartbeat-interval=PT0.1S");
        FaultProxy proxy = proxyTo(server);
        proxy.fates(Fate.cutsAtRandom(new Random(seed), 3000));
        for (int i = 0; i < 4; i++) {
            read(proxy, protocol, "/events/" + PATTERN + "?since=earliest");
        }
        for (int i = 0; i < 2; i++) {
            read(proxy, protocol, "/events?since=earliest&topic=other&topic=" + PATTERN);
        }

        publishUntil(server, () -> proxy.cuts() >= 400);

        for (EventSourceClient reader : readers) {
            List<ReceivedEvent> events = awaitLast(reader);
            verify(events);
            assertThat(events).extracting(ReceivedEvent::type).doesNotContain("gap");
        }
    }

    @ParameterizedTest
    @EnumSource(value = Protocol.class, names = "CENTRIFUGE", mode = EnumSource.Mode.EXCLUDE)
    void tellsWhatOfAPatternIsNoLongerThere(Protocol protocol) throws Exception {
        InProcessServer server =
                start(
                        "broker.memory.retention-count=2",
                        "hub.topic-log-events=4",
                        "hub.page-events=3",
                        "hub.topic-linger=PT0.01S");
        FaultProxy proxy = proxyTo(server);
        for (int i = 0; i < 4; i++) {
            read(proxy, protocol, "/events/" + PATTERN);
        }
        readers.forEach(EventSourceClient::awaitOpen);
        publish(client(server), "jobs/first", "first");
        readers.forEach(reader -> reader.awaitEvents(1));
        proxy.fates(Fate.cutsAtRandom(new Random(seed), 3000));
        proxy.cut();

        publishUntil(server, () -> proxy.cuts() >= 300);

        long gaps = 0;
        for (EventSourceClient reader : readers) {
            List<ReceivedEvent> events = awaitLast(reader);
            verify(events);
            gaps += events.stream().filter(event -> event.type().equals("gap")).count();
        }
        assertThat(gaps).as("gaps, or this test shows nothing").isPositive();
    }

    private InProcessServer start(String... settings) {
        InProcessServer server = InProcessServer.with(settings);
        open.add(server);
        return server;
    }

    private FaultProxy proxyTo(InProcessServer server) throws IOException {
        var proxy = new FaultProxy(server.port());
        open.add(proxy);
        return proxy;
    }

    private PublishClient client(InProcessServer server) {
        var client = new PublishClient(server::port);
        open.add(client);
        return client;
    }

    private void read(FaultProxy proxy, Protocol protocol, String target) {
        readers.add(
                EventSourceClient.to(URI.create("http://127.0.0.1:" + proxy.port() + target))
                        .over(protocol)
                        .reconnectAfter(Duration.ofMillis(1))
                        .open());
    }

    /** Publishes to more and more topics, matching ones and others, by several at once. */
    private void publishUntil(InProcessServer server, BooleanSupplier done) {
        PublishClient client = client(server);
        var publishers = new ArrayList<Future<?>>();
        for (int publisher = 0; publisher < PUBLISHERS; publisher++) {
            String prefix = publisher + ":";
            var random = new Random(seed + publisher);
            publishers.add(
                    threads.submit(() -> {
                        for (int i = 0; !done.getAsBoolean() && !Thread.interrupted(); i++) {
                            String job = "jobs/" + random.nextInt(1 + i / 2);
                            publish(client, job, prefix + i);
                            if (i % 5 == 0) {
                                client.publish(job + "/log", "no match", null, null);
                                client.publish("other", "other", null, null);
                            }
                        }
                    }));
        }
        await().atMost(TIMEOUT).until(() -> publishers.stream().allMatch(Future::isDone));
        assertThat(publishers).allSatisfy(publisher -> assertThat(publisher).isDone());
        publishers.forEach(
                publisher -> assertThat(publisher.state()).isEqualTo(Future.State.SUCCESS));
        publish(client, "jobs/last", "last");
    }

    private void publish(PublishClient client, String topic, String data) {
        String id = client.publish(topic, data, null, null).id();
        log.put(place(id, topic), data);
    }

    private static List<ReceivedEvent> awaitLast(EventSourceClient reader) {
        return reader.awaitEvents(
                "the last event",
                TIMEOUT,
                events -> events.stream().anyMatch(event -> event.data().equals("last")));
    }

    /** Judges a reader that began at or before its first event. */
    private void verify(List<ReceivedEvent> events) throws IOException {
        long at = 0;
        for (ReceivedEvent event : events) {
            if (event.data().equals("other") && !event.type().equals("gap")) {
                continue;
            }
            if (event.type().equals("gap")) {
                JsonNode gap = JSON.readTree(event.data());
                assertThat(gap.get("topic").textValue()).isEqualTo(PATTERN);
                assertThat(gap.get("reason").textValue()).isEqualTo("expired");
                assertThat(place(gap.get("after").textValue(), PATTERN)).isEqualTo(at);
                long before = place(gap.get("before").textValue(), PATTERN);
                assertThat(log.subMap(at, false, before, true)).as("a gap of nothing").isNotEmpty();
                at = before;
                continue;
            }
            long place = place(event.lastEventId(), PATTERN);
            assertThat(place).as("repeated or out of order: %s", event).isGreaterThan(at);
            assertThat(event.data()).isEqualTo(log.get(place));
            assertThat(log.subMap(at, false, place, false)).as("lost in silence").isEmpty();
            at = place;
        }
        assertThat(log.tailMap(at, false)).as("lost at the end").isEmpty();
    }

    /** {@return the place in the broker's order that an id has for a topic or pattern} */
    private static long place(String id, String name) {
        return EventId.parse(id, 32).position(name).map(Position::major).orElseThrow();
    }
}
