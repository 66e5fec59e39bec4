package dev.longwave.broker.redis;

import static org.assertj.core.api.Assertions.assertThat;

import dev.longwave.broker.Broker;
import dev.longwave.broker.BrokerException;
import dev.longwave.broker.BrokerProvider;
import dev.longwave.broker.Coverage;
import dev.longwave.broker.Message;
import dev.longwave.broker.Page;
import dev.longwave.broker.Position;
import dev.longwave.broker.Start;
import dev.longwave.broker.testing.DeploymentFixture;
import dev.longwave.broker.testing.FaultProxy;
import dev.longwave.broker.testing.RecordingSink;
import dev.longwave.broker.testing.RedisServer;
import dev.longwave.broker.testing.RedisServer.Product;
import dev.longwave.testing.Directories;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * A log that an operator put back, or that a fail-over cut, is exact for each reader, or there is a
 * gap that names the hole. Events 1 to 4 are kept unless all is lost, 5 to 7 are lost, and 8 and 9
 * are published afterwards.
 */
@SuppressWarnings("NullAway.Init") // the proxy is started by each test
final class RedisRestoreIT extends DeploymentFixture {

    private final List<RedisServer> servers = new ArrayList<>();
    private FaultProxy proxy;

    /** How the log loses events 5 to 7. */
    enum Restore {
        FLUSHALL {
            @Override
            RedisServer start() {
                return RedisServer.start(Product.REDIS);
            }

            @Override
            void lose(RedisRestoreIT test) {
                test.servers.getFirst().cli("FLUSHALL");
            }
        },
        SNAPSHOT_OF_AN_HOUR_AGO {
            @Override
            RedisServer start() {
                return RedisServer.start(Product.REDIS, "--appendonly", "no");
            }

            @Override
            void keep(RedisRestoreIT test) {
                test.servers.getFirst().cli("SAVE");
            }

            @Override
            void lose(RedisRestoreIT test) {
                test.servers.getFirst().process().restart();
            }
        },
        COLD_COPY_OF_THE_DIRECTORY {
            @Override
            RedisServer start() {
                return RedisServer.start(Product.REDIS);
            }

            @Override
            void keep(RedisRestoreIT test) {
                RedisServer server = test.servers.getFirst();
                server.process().kill();
                Directories.copy(files(server), copyOf(server));
                server.process().restart();
            }

            @Override
            void lose(RedisRestoreIT test) {
                RedisServer server = test.servers.getFirst();
                server.process().kill();
                Directories.delete(files(server));
                Directories.copy(copyOf(server), files(server));
                server.process().restart();
            }

            private Path files(RedisServer server) {
                return server.process().directory().resolve("appendonlydir");
            }

            private Path copyOf(RedisServer server) {
                return server.process().directory().resolve("copy");
            }
        },
        REPLICA_WITHOUT_THE_TAIL {
            @Override
            RedisServer start() {
                return RedisServer.start(Product.REDIS);
            }

            @Override
            void keep(RedisRestoreIT test) {
                RedisServer replica = test.servers.getFirst().startReplica();
                test.servers.add(replica);
                replica.cli("REPLICAOF", "NO", "ONE"); // it receives nothing more
            }

            @Override
            void lose(RedisRestoreIT test) {
                test.servers.getFirst().process().kill();
                test.proxy.target(test.servers.getLast().port());
                test.proxy.cut();
            }
        };

        abstract RedisServer start();

        /** After event 4. */
        void keep(RedisRestoreIT test) {}

        /** After event 7. */
        abstract void lose(RedisRestoreIT test);
    }

    @Override
    protected BrokerProvider provider() {
        return new RedisBrokerProvider();
    }

    @Override
    protected Map<String, String> deployment() {
        return Map.of("uri", "redis://127.0.0.1:" + proxy.port());
    }

    @Override
    protected Map<String, String> settingsToKeep(int entries) {
        return Map.of("retention-count", Integer.toString(entries));
    }

    @AfterEach
    void closeServers() {
        closeDeployment();
        proxy.close();
        servers.forEach(RedisServer::close);
    }

    @ParameterizedTest
    @EnumSource
    void tellsAConnectedReader(Restore restore) {
        Broker node = start(restore);
        var sink = new RecordingSink();
        node.subscribe(topic, sink);
        publishAndLose(restore, node, () -> sink.awaitText("7"));

        publish(node, 8, 9);

        sink.awaitText("9");
        sink.assertCalledProperly();
        assertThat(sink.texts()).isEqualTo(numbers(1, 9));
        assertThat(sink.gaps()).isNotEmpty();
    }

    @ParameterizedTest
    @EnumSource
    void tellsAConnectedReaderThoughAnotherNodePublishes(Restore restore) {
        Broker node = start(restore);
        var sink = new RecordingSink();
        node.subscribe(topic, sink);
        publishAndLose(restore, node, () -> sink.awaitText("7"));

        publish(createNode(), 8, 9);

        sink.awaitText("9");
        sink.assertCalledProperly();
        assertThat(sink.texts()).isEqualTo(numbers(1, 9));
        assertThat(sink.gaps()).isNotEmpty();
    }

    @ParameterizedTest
    @EnumSource
    void tellsReadersThatWereAway(Restore restore) {
        Broker node = start(restore);
        List<Position> positions = publishAndLose(restore, node, () -> {});

        publish(node, 8, 9);

        var kept = restore == Restore.FLUSHALL ? List.<String>of() : List.of("3", "4");
        assertThat(walk(node, positions.get(1)))
                .as("from event 2")
                .containsExactlyElementsOf(
                        Stream.of(kept, List.of("gap", "8", "9")).flatMap(List::stream).toList());
        for (int cursor = 3; cursor < 7; cursor++) {
            assertThat(walk(node, positions.get(cursor)))
                    .as("from event " + (cursor + 1))
                    .containsExactly("gap", "8", "9");
        }
    }

    @ParameterizedTest
    @EnumSource
    void tellsReadersOfANodeThatIsNew(Restore restore) {
        Broker node = start(restore);
        List<Position> positions = publishAndLose(restore, node, () -> {});
        node.close();

        Broker other = createNode();
        publish(other, 8, 9);

        for (int cursor = 4; cursor < 7; cursor++) {
            assertThat(walk(other, positions.get(cursor)))
                    .as("from event " + (cursor + 1))
                    .containsExactly("gap", "8", "9");
        }
    }

    private Broker start(Restore restore) {
        servers.add(restore.start());
        proxy = new FaultProxy(servers.getFirst().port());
        return createNode();
    }

    private List<Position> publishAndLose(Restore restore, Broker node, Runnable beforeTheLoss) {
        var positions = new ArrayList<>(publish(node, 1, 4));
        restore.keep(this);
        positions.addAll(publish(node, 5, 7));
        beforeTheLoss.run();
        restore.lose(this);
        return positions;
    }

    /** {@return what a reader with this cursor reads: texts, and "gap" where it is told of one} */
    private List<String> walk(Broker node, Position cursor) {
        var read = new ArrayList<String>();
        Position at = cursor;
        while (true) {
            Page page = node.history(topic, Start.after(at), null, 100, ALL);
            if (page.coverage() != Coverage.COMPLETE) {
                read.add("gap");
            }
            read.addAll(RecordingSink.texts(page.entries()));
            if (page.end().equals(at)) {
                return read;
            }
            at = page.end();
        }
    }

    private List<Position> publish(Broker node, int from, int to) {
        var positions = new ArrayList<Position>();
        for (int i = from; i <= to; i++) {
            Message message = text("" + i, "id-" + i);
            awaitThat(
                    "acceptance",
                    () -> {
                        try {
                            return positions.add(node.publish(topic, message).position());
                        } catch (BrokerException _) {
                            return false;
                        }
                    });
        }
        return positions;
    }
}
