package dev.longwave.broker.testing;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Collectors;

/** A Redis Cluster of three primaries and three replicas. */
public final class RedisCluster implements AutoCloseable {

    private static final int PRIMARIES = 3;
    private static final int SLOTS = 16_384;

    private final List<RedisServer> servers = new ArrayList<>();
    private final List<Integer> busPorts = new ArrayList<>();

    private RedisCluster() {}

    /**
     * Starts a cluster, and waits until it works.
     *
     * @param nodeTimeout after which a silent member is taken for dead
     * @param options as for {@link RedisServer#start}
     */
    public static RedisCluster start(
            RedisServer.Product product, Duration nodeTimeout, String... options) {
        var cluster = new RedisCluster();
        try {
            for (int i = 0; i < 2 * PRIMARIES; i++) {
                cluster.startMember(product, nodeTimeout, options);
            }
            cluster.join();
            cluster.awaitHealthy();
            return cluster;
        } catch (RuntimeException | Error e) {
            cluster.close();
            throw e;
        }
    }

    private void startMember(RedisServer.Product product, Duration nodeTimeout, String... options) {
        int busPort = FreePort.find();
        var all =
                new ArrayList<>(
                        List.of(
                                "--cluster-enabled",
                                "yes",
                                "--cluster-port",
                                Integer.toString(busPort),
                                "--cluster-node-timeout",
                                Long.toString(nodeTimeout.toMillis())));
        all.addAll(List.of(options));
        servers.add(RedisServer.start(product, all.toArray(String[]::new)));
        busPorts.add(busPort);
    }

    private void join() {
        for (int i = 0; i < servers.size(); i++) {
            servers.get(i).cli("CLUSTER", "SET-CONFIG-EPOCH", Integer.toString(i + 1));
            if (i > 0) {
                servers.getFirst()
                        .cli(
                                "CLUSTER",
                                "MEET",
                                "127.0.0.1",
                                Integer.toString(servers.get(i).port()),
                                Integer.toString(busPorts.get(i)));
            }
        }
        for (int i = 0; i < PRIMARIES; i++) {
            servers.get(i)
                    .cli(
                            "CLUSTER",
                            "ADDSLOTSRANGE",
                            Integer.toString(i * SLOTS / PRIMARIES),
                            Integer.toString((i + 1) * SLOTS / PRIMARIES - 1));
        }
        ServerProcess.eventually(
                "acquaintance of all members",
                () -> servers.stream().allMatch(each -> knownMembers(each) == servers.size()));
        for (int i = PRIMARIES; i < servers.size(); i++) {
            RedisServer replica = servers.get(i);
            String primary = id(servers.get(i - PRIMARIES));
            ServerProcess.eventually(
                    "replica",
                    () -> replica.cli("CLUSTER", "REPLICATE", primary).strip().equals("OK"));
        }
    }

    /** Waits until all members see all slots served, and all replicas are up to date. */
    public void awaitHealthy() {
        ServerProcess.eventually(
                "health of the cluster",
                () ->
                        servers.stream().allMatch(RedisCluster::seesAllSlots)
                                && primaries().size() == PRIMARIES
                                && servers.stream().allMatch(RedisCluster::isUpToDate));
    }

    /**
     * Kills the primary with the most keys, and waits until its replica has taken its place.
     *
     * @return starts the one that was killed
     */
    Runnable failOver() {
        RedisServer fullest =
                primaries().stream()
                        .max(Comparator.comparingLong(each -> Long.parseLong(each.cli("DBSIZE"))))
                        .orElseThrow();
        fullest.process().kill();
        ServerProcess.eventually(
                "fail-over",
                () ->
                        primaries().size() == PRIMARIES
                                && primaries().stream().allMatch(RedisCluster::seesAllSlots));
        return fullest.process()::restart;
    }

    /** {@return all members} */
    public List<RedisServer> servers() {
        return List.copyOf(servers);
    }

    /** {@return the members that are primaries at present} */
    public List<RedisServer> primaries() {
        return servers.stream()
                .filter(each -> each.process().isAlive() && each.isPrimary())
                .toList();
    }

    /** {@return the primary that serves this key's slot, as its members see it} */
    public RedisServer primaryOf(String key) {
        String slot = servers.getFirst().cli("CLUSTER", "KEYSLOT", key).strip();
        return primaries().stream()
                .filter(each -> serves(each, Integer.parseInt(slot)))
                .findFirst()
                .orElseThrow(() -> new IllegalStateException("no primary of key=" + key));
    }

    /** {@return the id of a member in the cluster} */
    public static String id(RedisServer member) {
        return member.cli("CLUSTER", "MYID").strip();
    }

    /** {@return the addresses of all members, for {@code broker.redis.uri}} */
    public String uri() {
        return "redis-cluster://"
                + servers.stream()
                        .map(each -> "127.0.0.1:" + each.port())
                        .collect(Collectors.joining(","));
    }

    private static boolean serves(RedisServer member, int slot) {
        for (String word : myself(member).split(" ", -1)) {
            String[] range = word.split("-", -1);
            if (word.matches("\\d+(-\\d+)?")
                    && Integer.parseInt(range[0]) <= slot
                    && slot <= Integer.parseInt(range[range.length - 1])) {
                return true;
            }
        }
        return false;
    }

    /** The line's first eight words are no slots. */
    private static String myself(RedisServer member) {
        return member.cli("CLUSTER", "NODES")
                .lines()
                .filter(line -> line.contains("myself"))
                .map(line -> line.replaceFirst("^(\\S+ ){8}", ""))
                .collect(Collectors.joining());
    }

    private static long knownMembers(RedisServer member) {
        return member.cli("CLUSTER", "NODES")
                .lines()
                .filter(line -> !line.contains("handshake"))
                .count();
    }

    private static boolean seesAllSlots(RedisServer member) {
        String info = member.cli("CLUSTER", "INFO");
        return info.contains("cluster_state:ok") && info.contains("cluster_slots_ok:" + SLOTS);
    }

    private static boolean isUpToDate(RedisServer member) {
        return member.isPrimary() || member.followsAndIsUpToDate();
    }

    @Override
    public void close() {
        servers.forEach(RedisServer::close);
    }
}
