package dev.longwave.server.resume;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.longwave.broker.Position;
import dev.longwave.broker.testing.FaultProxy;
import dev.longwave.core.EventId;
import dev.longwave.testing.CentrifugePosition;
import dev.longwave.testing.EventSourceClient;
import dev.longwave.testing.MixedEvents;
import dev.longwave.testing.Oracle;
import dev.longwave.testing.Protocol;
import dev.longwave.testing.PublishClient;
import dev.longwave.testing.ReceivedEvent;
import dev.longwave.testing.Seed;
import dev.longwave.testing.TestEvent;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A server, publishers that reach it directly, readers that reach it through a proxy, and the
 * oracle that knows what the readers must get. For the thread of one test.
 */
final class Trial implements AutoCloseable {

    static final Duration TIMEOUT = Duration.ofMinutes(5);

    private static final Duration RECONNECT_AFTER = Duration.ofMillis(1);

    /** So many short events fit into what is left of a connection before it is cut. */
    private static final int AHEAD = 8;

    private static final int EPOCH_RADIX = 36;
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Protocol protocol;
    private final long seed = Seed.fresh();
    private final Oracle oracle = new Oracle(seed);
    private final InProcessServer server;
    private final FaultProxy proxy;
    private final PublishClient client;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final List<Reader> readers = new CopyOnWriteArrayList<>();

    private Trial(Protocol protocol, String... settings) throws IOException {
        this.protocol = protocol;
        this.server = InProcessServer.with(settings);
        this.client = new PublishClient(server::port);
        this.proxy = new FaultProxy(server.port());
    }

    /** A trial of a server with these settings, as {@code key=value}. */
    static Trial over(Protocol protocol, String... settings) throws IOException {
        return new Trial(protocol, settings);
    }

    FaultProxy proxy() {
        return proxy;
    }

    /** {@return a source of randomness that grows from the seed of this trial} */
    Random random() {
        return new Random(seed);
    }

    /**
     * Restarts the server, while nobody publishes. As the end of a process would, it takes all
     * connections along, also those that came in while the server stopped.
     */
    void restart() {
        oracle.epochChanged();
        server.restart();
        proxy.cut();
    }

    /** A publisher of mixed short events. */
    Publisher shortEvents(String topic) {
        return new Publisher(topic, MixedEvents.shortOnes(topic, seed));
    }

    /** A publisher of mixed events, with long ones among them. */
    Publisher events(String topic) {
        return new Publisher(topic, MixedEvents.of(topic, seed));
    }

    /** Opens readers, each of one stream of all the topics from their beginning. */
    void read(int count, String... topics) {
        for (int i = 0; i < count; i++) {
            open("since=earliest", topics);
        }
    }

    /** Opens a reader of what comes from now on. */
    Reader readLive(String topic) {
        return open("", topic);
    }

    /** Reads a topic from its beginning to its end, where the source must stop by itself. */
    void readEnded(String topic) {
        Reader reader = open("since=earliest", topic);
        readers.remove(reader);
        try (EventSourceClient source = reader.source) {
            source.awaitClosed();
            assertThat(source.status()).isEqualTo(204);
            reader.verify();
            assertThat(reader.gaps()).isEmpty();
        }
    }

    private Reader open(String query, String... topics) {
        String target =
                Stream.concat(
                                Stream.of(query).filter(part -> !part.isEmpty()),
                                Arrays.stream(topics)
                                        .map(topic -> "topic=" + PublishClient.encoded(topic)))
                        .collect(Collectors.joining("&", "/events?", ""));
        EventSourceClient source =
                EventSourceClient.to(URI.create("http://127.0.0.1:" + proxy.port() + target))
                        .over(protocol)
                        .reconnectAfter(RECONNECT_AFTER)
                        .open();
        var reader = new Reader(source, topics);
        readers.add(reader);
        return reader;
    }

    List<Reader> readers() {
        return readers;
    }

    /** Waits until all readers have what was published, and judges what they got. */
    void verify() {
        readers.forEach(Reader::verify);
    }

    /** As {@link #verify}, where nothing is missing: no gap may be told. */
    void verifyComplete() {
        verify();
        for (Reader reader : readers) {
            assertThat(reader.gaps()).as("%s seed=%d", reader.source, seed).isEmpty();
        }
    }

    /** Waits for what runs in the background, and fails as it did. */
    static void join(List<? extends Future<?>> work) throws InterruptedException {
        try {
            for (Future<?> part : work) {
                part.get(TIMEOUT.toSeconds(), TimeUnit.SECONDS);
            }
        } catch (ExecutionException | TimeoutException e) {
            throw new AssertionError("failed in the background", e);
        }
    }

    @Override
    public void close() throws IOException {
        threads.shutdownNow();
        readers.forEach(reader -> reader.source.close());
        proxy.close();
        client.close();
        server.close();
    }

    /** The id of an event as the readers see it. */
    private String idForReaders(String topic, String id) {
        return protocol == Protocol.CENTRIFUGE ? position(topic, id).text() : id;
    }

    private static CentrifugePosition position(String topic, String id) {
        Position position = EventId.parse(id, 1).position(topic).orElseThrow();
        return new CentrifugePosition(
                topic, Long.toUnsignedString(position.epoch(), EPOCH_RADIX), position.major());
    }

    /**
     * Publishes the events of one topic, and tells the oracle.
     *
     * <p>In the background, it waits for readers that are far behind if they are clients of the
     * Centrifuge protocol: those get what they have missed in one frame, and a frame that is longer
     * than any connection lasts would never arrive.
     */
    final class Publisher {
        private final String topic;
        private final MixedEvents events;

        private Publisher(String topic, MixedEvents events) {
            this.topic = topic;
            this.events = events;
        }

        /** Publishes that many events. */
        void publish(int count) {
            for (int i = 0; i < count; i++) {
                publishOne();
            }
        }

        /** Publishes one event, and gives its id as the readers see it. */
        String publishOne() {
            TestEvent event = events.next();
            String id = idForReaders(topic, client.publish(event).id());
            oracle.published(event, id);
            return id;
        }

        private void publishPaced() {
            String id = publishOne();
            if (protocol == Protocol.CENTRIFUGE) {
                CentrifugePosition newest = CentrifugePosition.all(id).getFirst();
                readers.stream()
                        .filter(reader -> List.of(reader.topics).contains(topic))
                        .forEach(reader -> reader.awaitNear(newest));
            }
        }

        /** Publishes the last event of the topic. */
        void end() {
            int number = oracle.published(topic);
            String data = TestEvent.mark(topic, number) + " the end";
            String id = idForReaders(topic, client.end(topic, data).id());
            oracle.published(new TestEvent(topic, number, data, null, null), id);
        }

        Future<?> publishInBackground(int count) {
            return threads.submit(() -> {
                for (int i = 0; i < count; i++) {
                    publishPaced();
                }
            });
        }

        Future<?> publishUntil(BooleanSupplier done) {
            return repeatUntil(done, this::publishPaced);
        }

        /** The same, however far behind the readers are. */
        Future<?> floodUntil(BooleanSupplier done) {
            return repeatUntil(done, this::publishOne);
        }

        private Future<?> repeatUntil(BooleanSupplier done, Runnable publishing) {
            return threads.submit(() -> {
                while (!done.getAsBoolean() && !Thread.interrupted()) {
                    publishing.run();
                }
            });
        }
    }

    /** An event source that must get all that is published to its topics. */
    final class Reader {
        private final EventSourceClient source;
        private final String[] topics;

        private Reader(EventSourceClient source, String... topics) {
            this.source = source;
            this.topics = topics;
        }

        EventSourceClient source() {
            return source;
        }

        private void awaitNear(CentrifugePosition newest) {
            source.awaitLastEventId(
                    "a position near " + newest,
                    id ->
                            CentrifugePosition.all(id).stream()
                                    .anyMatch(position ->
                                            position.topic().equals(newest.topic())
                                                    && position.epoch().equals(newest.epoch())
                                                    && position.offset()
                                                            >= newest.offset() - AHEAD));
        }

        /** {@return the gaps that it was told of} */
        List<JsonNode> gaps() {
            return source.events().stream()
                    .filter(event -> event.type().equals("gap") && TestEvent.Mark.of(event) == null)
                    .map(Reader::json)
                    .toList();
        }

        private static JsonNode json(ReceivedEvent event) {
            try {
                return JSON.readTree(event.data());
            } catch (IOException e) {
                throw new AssertionError("not JSON: " + event, e);
            }
        }

        private void verify() {
            List<ReceivedEvent> got =
                    source.awaitEvents(
                            "the last event of each topic",
                            TIMEOUT,
                            events -> oracle.sawTheLastOf(events, topics));
            oracle.verify(got, Oracle.Begin.EARLIEST, topics);
        }
    }
}
