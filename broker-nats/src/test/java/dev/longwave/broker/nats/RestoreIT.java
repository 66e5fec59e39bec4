package dev.longwave.broker.nats;

import static org.assertj.core.api.Assertions.assertThat;

import dev.longwave.broker.Broker;
import dev.longwave.broker.Coverage;
import dev.longwave.broker.GapReason;
import dev.longwave.broker.Page;
import dev.longwave.broker.Position;
import dev.longwave.broker.Start;
import dev.longwave.broker.testing.FaultProxy;
import dev.longwave.broker.testing.NatsServer;
import dev.longwave.broker.testing.RecordingSink;
import dev.longwave.testing.Directories;
import io.nats.client.api.StreamConfiguration;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Operators restore backups, purge the stream, or create it again. All readers, whether they were
 * connected, away, or use a node started afterwards, receive everything in the stream, and are told
 * if something is missing.
 */
@SuppressWarnings("NullAway.Init") // they are started by each test
final class RestoreIT extends NatsFixture {

    private static final String STREAM = "restored";
    private static final String TOPIC = "w/t";

    private NatsServer server;
    private FaultProxy proxy;
    private Broker node; // from before the loss
    private final RecordingSink connected = new RecordingSink();
    private final RecordingSink ofPattern = new RecordingSink();
    private final RecordingSink ofQuietTopic = new RecordingSink();
    private @Nullable StreamBackup backup;

    /** How a backup is made and put back. */
    enum Backup {
        /** The server is stopped for both. */
        COLD_COPY {
            @Override
            void make(RestoreIT test) {
                test.server.process().stop();
                Directories.copy(test.store(), test.copy());
                test.server.process().restart();
            }

            @Override
            void putBack(RestoreIT test) {
                test.server.process().kill();
                Directories.delete(test.store());
                Directories.copy(test.copy(), test.store());
                test.server.process().restart();
            }
        },
        /** A snapshot of the volume of a server that runs: also the state after a power failure. */
        SNAPSHOT {
            @Override
            void make(RestoreIT test) {
                test.server.process().freeze();
                Directories.copy(test.store(), test.copy());
                test.server.process().thaw();
            }

            @Override
            void putBack(RestoreIT test) {
                COLD_COPY.putBack(test);
            }
        },
        /** By the servers' own means, while they run. */
        STREAM_RESTORE {
            @Override
            void make(RestoreIT test) {
                test.backup = StreamBackup.of(test.server.uri(), STREAM);
            }

            @Override
            void putBack(RestoreIT test) {
                Streams.delete(test.server.uri(), STREAM);
                Objects.requireNonNull(test.backup).putBack(test.server.uri());
            }
        };

        abstract void make(RestoreIT test);

        abstract void putBack(RestoreIT test);

        /** The servers make a new stream of a backup of theirs. */
        boolean makesNewStream() {
            return this == STREAM_RESTORE;
        }

        GapReason reason() {
            return makesNewStream() ? GapReason.EPOCH_CHANGED : GapReason.LOG_LOST;
        }

        Coverage coverage() {
            return makesNewStream() ? Coverage.OTHER_EPOCH : Coverage.AHEAD_OF_LOG;
        }
    }

    @Override
    protected Map<String, String> deployment() {
        return Map.of(
                "servers",
                "nats://127.0.0.1:" + proxy.port(),
                "stream",
                STREAM,
                "prefix",
                STREAM,
                "timeout",
                "PT15S");
    }

    private void begin(NatsServer.Generation generation) {
        server = NatsServer.start(generation);
        proxy = new FaultProxy(server.port());
        node = createNode();
        node.subscribe(TOPIC, connected);
        node.subscribe("w/*", ofPattern);
        node.subscribe("quiet", ofQuietTopic);
        publish(node, "e", 5);
        connected.awaitText("e5");
        ofPattern.awaitText("e5");
    }

    @AfterEach
    void close() {
        closeNodes();
        if (proxy != null) {
            proxy.close();
        }
        if (server != null) {
            server.close();
        }
    }

    static Stream<Arguments> backups() {
        // Fewer events than were lost, as many, and more.
        Stream<Arguments> all =
                Stream.of(Backup.values())
                        .flatMap(way ->
                                Stream.of(2, 5, 12)
                                        .map(count ->
                                                Arguments.of(
                                                        NatsServer.Generation.CURRENT,
                                                        way,
                                                        count)));
        return Stream.concat(
                all, Stream.of(Arguments.of(NatsServer.Generation.OLD, Backup.COLD_COPY, 12)));
    }

    @ParameterizedTest
    @MethodSource("backups")
    void tellsWhatIsLostAndDeliversWhatWasWrittenSince(
            NatsServer.Generation generation, Backup way, int count) {
        begin(generation);
        Position early = connected.positions().get(2);
        way.make(this);
        publish(node, "lost", 5);
        connected.awaitText("lost5");
        ofPattern.awaitText("lost5");
        Position lost = connected.positions().getLast();

        proxy.refuse();
        way.putBack(this);
        publishPastTheNodes(TOPIC, "app", count);
        publishPastTheNodes("quiet", "quiet", 20);
        proxy.heal();

        List<String> since = texts("app", count);
        connected.awaitText("app" + count);
        ofPattern.awaitText("app" + count);
        ofQuietTopic.awaitText("quiet20");
        assertThat(connected.texts()).isEqualTo(all(texts("e", 5), texts("lost", 5), since));
        assertThat(ofPattern.texts()).isEqualTo(connected.texts());
        for (RecordingSink sink : List.of(connected, ofPattern)) {
            sink.assertCalledProperly();
            assertThat(sink.gaps())
                    .singleElement()
                    .satisfies(gap -> {
                        assertThat(gap.reason()).isEqualTo(way.reason());
                        assertThat(gap.entriesBefore()).isEqualTo(10);
                    });
        }
        assertThat(ofQuietTopic.texts()).isEqualTo(texts("quiet", 20));
        for (Broker each : List.of(node, createNode())) {
            Page away = after(each, lost);
            assertThat(away.coverage()).isEqualTo(way.coverage());
            assertThat(RecordingSink.texts(away.entries())).isEqualTo(since);
            Page before = after(each, early);
            if (way.makesNewStream()) {
                assertThat(before.coverage()).isEqualTo(Coverage.OTHER_EPOCH);
                assertThat(RecordingSink.texts(before.entries())).containsAll(since);
            } else {
                assertThat(before.coverage()).isEqualTo(Coverage.COMPLETE);
                assertThat(RecordingSink.texts(before.entries()))
                        .isEqualTo(all(List.of("e4", "e5"), since));
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void tellsThatNothingWasWrittenSince(Backup way) {
        begin(NatsServer.Generation.CURRENT);
        way.make(this);
        publish(node, "lost", 5);
        connected.awaitText("lost5");
        Position lost = connected.positions().getLast();

        proxy.refuse();
        way.putBack(this);
        proxy.heal();

        awaitThat("the gap", () -> !connected.gaps().isEmpty());
        Broker fresh = createNode();
        Page away = after(fresh, lost);
        assertThat(away.coverage()).isEqualTo(way.coverage());
        assertThat(away.entries()).isEmpty();
        publish(fresh, "next", 1);
        connected.awaitText("next1");
        assertThat(connected.gaps())
                .extracting(RecordingSink.Hole::reason)
                .containsExactly(way.reason());
        assertThat(RecordingSink.texts(after(fresh, away.from()).entries()))
                .containsExactly("next1");
    }

    /** What an operator does to the stream itself. */
    enum Deed {
        PURGE(GapReason.EXPIRED, Coverage.TRIMMED) {
            @Override
            void on(String uri) {
                Streams.purge(uri, STREAM);
            }
        },
        DELETE_AND_CREATE(GapReason.EPOCH_CHANGED, Coverage.OTHER_EPOCH) {
            @Override
            void on(String uri) {
                StreamConfiguration configuration = Streams.configuration(uri, STREAM);
                Streams.delete(uri, STREAM);
                Streams.create(uri, configuration);
            }
        };

        final GapReason reason;
        final Coverage coverage;

        Deed(GapReason reason, Coverage coverage) {
            this.reason = reason;
            this.coverage = coverage;
        }

        abstract void on(String uri);
    }

    @ParameterizedTest
    @EnumSource
    void tellsWhatAnOperatorRemoved(Deed deed) {
        begin(NatsServer.Generation.CURRENT);
        Position early = connected.positions().get(2);

        deed.on(server.uri());
        publishPastTheNodes(TOPIC, "app", 7);

        connected.awaitText("app7");
        assertThat(connected.texts()).isEqualTo(all(texts("e", 5), texts("app", 7)));
        // Before a purge, a reader that is connected has received everything.
        if (deed != Deed.PURGE) {
            assertThat(connected.gaps())
                    .extracting(RecordingSink.Hole::reason)
                    .containsExactly(deed.reason);
        }
        for (Broker each : List.of(node, createNode())) {
            Page away = after(each, early);
            assertThat(away.coverage()).isEqualTo(deed.coverage);
            assertThat(RecordingSink.texts(away.entries())).isEqualTo(texts("app", 7));
        }
    }

    private static Page after(Broker node, Position position) {
        // As a client would name it.
        Position named = Position.parse(position.toString());
        return node.history(TOPIC, Start.after(named), NO_BOUND, ALL, ALL);
    }

    private static void publish(Broker node, String prefix, int count) {
        texts(prefix, count).forEach(text -> node.publish(TOPIC, text(text)));
    }

    /** Publishes as another application does. */
    private void publishPastTheNodes(String topic, String prefix, int count) {
        String subject = STREAM + ".events." + topic.replace('/', '.');
        Streams.connected(
                server.uri(),
                connection -> {
                    for (String text : texts(prefix, count)) {
                        connection
                                .jetStream(Streams.LONG_TIMEOUT)
                                .publish(subject, text.getBytes(StandardCharsets.UTF_8));
                    }
                    return true;
                });
    }

    private static List<String> texts(String prefix, int count) {
        return IntStream.rangeClosed(1, count).mapToObj(i -> prefix + i).toList();
    }

    @SafeVarargs
    @SuppressWarnings("varargs") // only read
    private static List<String> all(List<String>... parts) {
        return Stream.of(parts).flatMap(List::stream).toList();
    }

    private Path store() {
        return server.process().directory().resolve("store");
    }

    private Path copy() {
        return server.process().directory().resolve("copy");
    }
}
