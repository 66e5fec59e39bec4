package dev.longwave.broker.testing;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Two Redis servers, one of which follows the other, and three Sentinels that watch them. */
final class SentinelDeployment implements AutoCloseable {

    private static final int SENTINELS = 3;
    private static final int QUORUM = 2;

    private final List<RedisServer> servers = new ArrayList<>();
    private final List<RedisSentinel> sentinels = new ArrayList<>();

    private SentinelDeployment() {}

    /** Starts them, and waits until the Sentinels know each other. */
    static SentinelDeployment start(RedisServer.Product product, Duration downAfter) {
        var deployment = new SentinelDeployment();
        try {
            RedisServer primary = RedisServer.start(product);
            deployment.servers.add(primary);
            deployment.servers.add(primary.startReplica());
            for (int i = 0; i < SENTINELS; i++) {
                deployment.sentinels.add(RedisSentinel.start(product, primary, QUORUM, downAfter));
            }
            deployment.awaitHealthy();
            return deployment;
        } catch (RuntimeException | Error e) {
            deployment.close();
            throw e;
        }
    }

    /** {@return the servers, and after them the Sentinels} */
    List<ServerProcess> processes() {
        return Stream.concat(
                        servers.stream().map(RedisServer::process),
                        sentinels.stream().map(RedisSentinel::process))
                .toList();
    }

    /** {@return the settings of a node that reaches the {@link #processes} at these ports} */
    List<String> settings(List<Integer> ports) {
        return List.of(
                "broker.type=redis",
                "broker.redis.uri=redis-sentinel://%s/0?master=%s"
                        .formatted(
                                ports.stream()
                                        .skip(servers.size())
                                        .map(port -> "127.0.0.1:" + port)
                                        .collect(Collectors.joining(",")),
                                RedisSentinel.MASTER),
                "broker.redis.address-map=" + Topology.addressMap(servers, ports));
    }

    /**
     * Kills the primary, and waits until the Sentinels have put the other server into its place.
     *
     * @return starts the one that was killed
     */
    Runnable failOver() {
        RedisServer primary = server(sentinels.getFirst().primaryPort());
        RedisServer replica =
                primary == servers.getFirst() ? servers.getLast() : servers.getFirst();
        primary.process().kill();
        ServerProcess.eventually(
                "fail-over", () -> allFollow(replica.port()) && replica.isPrimary());
        return primary.process()::restart;
    }

    /** Waits until one server follows the other, and all Sentinels know that. */
    void awaitHealthy() {
        ServerProcess.eventually(
                "health of the primary and its replica",
                () -> {
                    int port = sentinels.getFirst().primaryPort();
                    return allFollow(port)
                            && servers.stream()
                                    .allMatch(each ->
                                            each.port() == port
                                                    ? each.isPrimary()
                                                    : each.followsAndIsUpToDate());
                });
        sentinels.forEach(sentinel -> sentinel.awaitKnown(SENTINELS - 1, 1));
    }

    private boolean allFollow(int port) {
        return sentinels.stream().allMatch(sentinel -> sentinel.primaryPort() == port);
    }

    private RedisServer server(int port) {
        return servers.stream().filter(each -> each.port() == port).findFirst().orElseThrow();
    }

    @Override
    public void close() {
        sentinels.forEach(RedisSentinel::close);
        servers.forEach(RedisServer::close);
    }
}
