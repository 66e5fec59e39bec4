package dev.longwave.broker.testing;

import java.util.List;
import java.util.stream.Collectors;

/** Two PostgreSQL servers, one of which follows the other until it takes its place. */
final class PostgresPair implements AutoCloseable {

    /** For a standby that was away for a while. */
    private static final String KEEP = "wal_keep_size=256MB";

    private final List<PostgresServer> servers;
    private PostgresServer primary;
    private PostgresServer standby;

    private PostgresPair(PostgresServer primary, PostgresServer standby) {
        this.servers = List.of(primary, standby);
        this.primary = primary;
        this.standby = standby;
    }

    /** Starts both, and waits until one follows the other. */
    static PostgresPair start() {
        PostgresServer primary = PostgresServer.start(KEEP);
        try {
            var pair = new PostgresPair(primary, primary.startReplica(primary.port(), KEEP));
            pair.awaitHealthy();
            return pair;
        } catch (RuntimeException | Error e) {
            primary.close();
            throw e;
        }
    }

    List<ServerProcess> processes() {
        return servers.stream().map(PostgresServer::process).toList();
    }

    /** {@return the settings of a node that reaches the servers at these ports} */
    static List<String> settings(List<Integer> ports) {
        return List.of(
                "broker.type=postgres",
                "broker.postgres.url=jdbc:postgresql://%s/postgres"
                        .formatted(
                                ports.stream()
                                        .map(port -> "127.0.0.1:" + port)
                                        .collect(Collectors.joining(","))),
                "broker.postgres.user=postgres");
    }

    /**
     * Kills the primary, and promotes the other server.
     *
     * @return makes the one that was killed the new standby
     */
    Runnable failOver() {
        PostgresServer killed = primary;
        killed.process().kill();
        standby.promote();
        primary = standby;
        standby = killed;
        return () -> killed.follow(primary);
    }

    /** Waits until one server follows the other. */
    void awaitHealthy() {
        ServerProcess.eventually(
                "replication",
                () ->
                        primary.psql(
                                        "SELECT count(*) FROM pg_stat_replication WHERE state = 'streaming'")
                                .equals("1"));
    }

    @Override
    public void close() {
        servers.forEach(PostgresServer::close);
    }
}
