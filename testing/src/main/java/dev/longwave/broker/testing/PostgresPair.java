package dev.longwave.broker.testing;

import java.util.List;
import java.util.stream.Collectors;

/**
 * Two PostgreSQL servers, one of which follows the other until it takes its place. Every other
 * time, beginning with the first, it then lacks some of what was committed.
 */
final class PostgresPair implements AutoCloseable {

    /** For a standby that was away for a while. */
    private static final String KEEP = "wal_keep_size=256MB";

    /** How much more of the log the primary has than a standby that is behind. */
    private static final int BYTES_BEHIND = 16_384;

    private final List<Member> members;
    private Member primary;
    private Member standby;
    private boolean behind;

    /**
     * One of the servers.
     *
     * @param replication how the other one follows it
     */
    private record Member(PostgresServer server, FaultProxy replication) implements AutoCloseable {

        Member(PostgresServer server) {
            this(server, new FaultProxy(server.port()));
        }

        @Override
        public void close() {
            replication.close();
            server.close();
        }
    }

    private PostgresPair(Member primary, Member standby) {
        this.members = List.of(primary, standby);
        this.primary = primary;
        this.standby = standby;
    }

    /** Starts both, and waits until one follows the other. */
    static PostgresPair start() {
        var primary = new Member(PostgresServer.start(KEEP));
        try {
            var standby = new Member(primary.server.startReplica(primary.replication.port(), KEEP));
            var pair = new PostgresPair(primary, standby);
            pair.awaitHealthy();
            return pair;
        } catch (RuntimeException | Error e) {
            primary.close();
            throw e;
        }
    }

    List<ServerProcess> processes() {
        return members.stream().map(member -> member.server.process()).toList();
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

    /** Lets the standby fall behind, if it is to lack something. There must be publishers. */
    void prepareFailOver() {
        behind = !behind;
        if (behind) {
            primary.replication.refuse();
            ServerProcess.eventually("lag of the standby", this::isStandbyBehind);
        }
    }

    /**
     * Kills the primary, and promotes the other server.
     *
     * @return makes the one that was killed the new standby
     */
    Runnable failOver() {
        Member killed = primary;
        killed.server.process().kill();
        standby.server.promote();
        primary = standby;
        standby = killed;
        return () -> {
            killed.replication.heal();
            killed.server.follow(primary.replication.port());
        };
    }

    private boolean isStandbyBehind() {
        String replayed = standby.server.psql("SELECT pg_last_wal_replay_lsn()");
        return Long.parseLong(
                        primary.server.psql(
                                "SELECT pg_wal_lsn_diff(pg_current_wal_lsn(), '%s')::bigint"
                                        .formatted(replayed)))
                > BYTES_BEHIND;
    }

    /** Waits until one server follows the other. */
    void awaitHealthy() {
        ServerProcess.eventually(
                "replication",
                () ->
                        primary.server
                                .psql(
                                        "SELECT count(*) FROM pg_stat_replication WHERE state ="
                                                + " 'streaming'")
                                .equals("1"));
    }

    @Override
    public void close() {
        members.forEach(Member::close);
    }
}
