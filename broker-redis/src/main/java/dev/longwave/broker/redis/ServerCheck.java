package dev.longwave.broker.redis;

import dev.longwave.broker.BrokerConfigurationException;
import dev.longwave.broker.BrokerException;
import dev.longwave.broker.BrokerRefusedException;
import dev.longwave.broker.Durability;
import dev.longwave.broker.feed.Feed;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import redis.clients.jedis.CommandArguments;
import redis.clients.jedis.Protocol.Command;
import redis.clients.jedis.exceptions.JedisException;

/**
 * Looks at the configuration of each primary, and at how the other nodes keep events: at the start,
 * each minute, and on suspicion.
 */
final class ServerCheck implements AutoCloseable {

    private static final Logger LOGGER = System.getLogger(ServerCheck.class.getName());

    private static final Duration PERIOD = Duration.ofMinutes(1);
    private static final Duration NODES_COUNT_FOR = PERIOD.multipliedBy(3);
    private static final Duration LEAVING_TAKES = Duration.ofMillis(500);
    private static final int CLOSE_TIMEOUT_MILLIS = 10_000;
    private static final String EVICTION = "eviction";
    private static final String RETENTION = "retention";
    private static final String ATTEMPT = "query the server";

    private final Server server;
    private final Primaries primaries;
    private final Keys keys;
    private final RedisSettings settings;
    private final String node;
    private final Feed feed;
    private final Thread thread;
    private final Semaphore wake = new Semaphore(0);
    private final Map<String, String> warned = new HashMap<>(); // confined to the one thread
    private volatile boolean closed;
    private volatile boolean registered;
    private volatile Durability durability = Durability.MEMORY;

    ServerCheck(
            Server server,
            Primaries primaries,
            Keys keys,
            RedisSettings settings,
            String node,
            Feed feed) {
        this.server = server;
        this.primaries = primaries;
        this.keys = keys;
        this.settings = settings;
        this.node = node;
        this.feed = feed;
        this.thread = Thread.ofVirtual().name("longwave-redis-check").unstarted(this::watch);
    }

    /**
     * Checks all primaries, before anything else is done.
     *
     * @throws BrokerConfigurationException if one is not what the settings say, is too old, may
     *     evict events, or forbids what is needed
     * @throws BrokerException if one does not answer
     */
    void checkAtStart() {
        for (Shard shard : primaries.all()) {
            shard.pool().connect();
            ServerInfo info = info(shard);
            checkKind(shard, info);
            if (!info.isAtLeast(6, 2)) {
                throw new BrokerConfigurationException(
                        "the server is too old: version 6.2 is the first that trims streams by age server=%s version=%s"
                                .formatted(settings.address(), info.version()));
            }
            String policy = info.evictionPolicy();
            if (policy != null) {
                throw new BrokerConfigurationException(
                        mayEvict(policy) + " server=" + settings.address());
            }
            Permissions.check(
                    server, shard, keys, primaries.bucketOf(shard), primaries.hasShardedChannels());
        }
        durability = weakest();
        LOGGER.log(
                Level.INFO,
                "connected server={0} product={1} durability={2}",
                settings.address(),
                info(primaries.all().getFirst()).product(),
                durability.word());
    }

    /** Starts the regular checks; the first is done at once. */
    void start() {
        thread.start();
        suspect();
    }

    /** {@return what an accepted message survives on each of the primaries} */
    Durability durability() {
        return durability;
    }

    /** Checks soon, as another server may be the primary. */
    void suspect() {
        wake.release();
    }

    /** Ends the checks, and tells the other nodes that this one is gone, if that is quick. */
    @Override
    public void close() {
        closed = true;
        wake.release();
        boolean interrupted = Thread.interrupted();
        if (thread != Thread.currentThread()) {
            try {
                thread.join(CLOSE_TIMEOUT_MILLIS);
            } catch (InterruptedException _) {
                interrupted = true;
            }
        }
        if (registered) {
            var leave = new CommandArguments(Command.HDEL).add(keys.nodes()).add(Keys.bytes(node));
            var _ =
                    server.runEach(
                            "leave",
                            List.of(Server.Call.of(Keys.NODES_BUCKET, leave)),
                            System.nanoTime() + LEAVING_TAKES.toNanos());
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private void watch() {
        try {
            while (true) {
                var _ = wake.tryAcquire(PERIOD.toMillis(), TimeUnit.MILLISECONDS);
                wake.drainPermits();
                if (closed) {
                    return;
                }
                try {
                    checkEviction();
                    durability = weakest();
                    checkNodes();
                } catch (BrokerException e) { // the feed says that the servers do not answer
                    LOGGER.log(Level.DEBUG, "the servers cannot be checked", e);
                } catch (RuntimeException e) {
                    LOGGER.log(Level.WARNING, "the servers cannot be checked", e);
                }
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt(); // nobody interrupts this thread; if so, it ends
        }
    }

    private void checkKind(Shard shard, ServerInfo info) {
        if (info.isSentinel()) {
            throw new BrokerConfigurationException(
                    "there is a Sentinel at broker.redis.uri: write %s uri=%s"
                            .formatted(sentinelUri(shard), settings.address()));
        }
        if (info.isClusterMember() && settings.address().kind() != RedisAddress.Kind.CLUSTER) {
            throw new BrokerConfigurationException(
                    "there is a member of a Redis Cluster at broker.redis.uri: write %s://%s uri=%s"
                            .formatted(
                                    settings.address().tls() ? "rediss-cluster" : "redis-cluster",
                                    settings.address().servers().getFirst(),
                                    settings.address()));
        }
    }

    private String sentinelUri(Shard shard) {
        String name = "name";
        try (RedisConnection connection = shard.dial((int) settings.timeout().toMillis())) {
            List<String> names = Sentinels.names(connection);
            if (!names.isEmpty()) {
                name = String.join("|", names);
            }
        } catch (JedisException e) {
            LOGGER.log(Level.DEBUG, "the Sentinel does not tell its names", e);
        }
        return "%s://%s/0?master=%s"
                .formatted(
                        settings.address().tls() ? "rediss-sentinel" : "redis-sentinel",
                        settings.address().servers().getFirst(),
                        name);
    }

    private void checkEviction() {
        String found = null;
        for (Shard shard : primaries.all()) {
            String policy = info(shard).evictionPolicy();
            found = policy == null ? found : policy;
        }
        say(EVICTION, found == null ? null : mayEvict(found));
    }

    private void checkNodes() {
        String mine = kept();
        var call =
                Server.Call.repeatable(
                        Keys.NODES_BUCKET,
                        Script.NODES,
                        List.of(keys.nodes()),
                        List.of(
                                Keys.bytes(node),
                                Keys.bytes(mine),
                                Keys.bytes(Long.toString(NODES_COUNT_FOR.toMillis()))));
        List<Reply> nodes = server.run("compare the nodes' settings", call).items();
        registered = true;
        var others = new TreeMap<String, Set<String>>(); // by settings
        for (int i = 0; i < nodes.size(); i += 2) {
            String settingsOfNode = nodes.get(i + 1).utf8();
            if (!settingsOfNode.equals(mine)) {
                others.computeIfAbsent(settingsOfNode, _ -> new HashSet<>())
                        .add(nodes.get(i).utf8());
            }
        }
        say(
                RETENTION,
                others.isEmpty()
                        ? null
                        : "the nodes keep events differently, and what is kept depends on who"
                                + " publishes: this one has %s, others have %s"
                                        .formatted(mine, others));
    }

    /** {@return the settings that must be the same on all nodes} */
    private String kept() {
        return "retention-count=%d retention-age=%s dedup-window=%s"
                .formatted(
                        settings.retentionCount(), settings.retentionAge(), settings.dedupWindow());
    }

    /** Says what is wrong, or no longer, once. */
    private void say(String what, @Nullable String wrong) {
        String before = wrong == null ? warned.remove(what) : warned.put(what, wrong);
        if (wrong == null) {
            if (before != null) {
                feed.recovered(what);
                LOGGER.log(Level.INFO, "in order again: {0}", what);
            }
        } else if (!wrong.equals(before)) {
            feed.degraded(what, wrong);
            LOGGER.log(Level.WARNING, wrong);
        }
    }

    private static String mayEvict(String policy) {
        return "the server may silently evict events when its memory is full: set maxmemory-policy"
                + " to noeviction, or give Longwave a server of its own maxmemory-policy="
                + policy;
    }

    private ServerInfo info(Shard shard) {
        var info = new CommandArguments(Command.INFO);
        return ServerInfo.parse(server.ask(shard, ATTEMPT, List.of(info)).getFirst());
    }

    private Durability weakest() {
        return primaries.all().stream()
                .map(this::durability)
                .min(Comparator.naturalOrder())
                .orElse(Durability.MEMORY);
    }

    private Durability durability(Shard shard) {
        if (!info(shard).hasAppendOnlyFile()) {
            return Durability.MEMORY;
        }
        try {
            Reply reply =
                    server.ask(
                                    shard,
                                    "query appendfsync",
                                    List.of(
                                            new CommandArguments(Command.CONFIG)
                                                    .add("GET")
                                                    .add("appendfsync")))
                            .getFirst();
            boolean always = reply.size() == 2 && reply.at(1).text().equals("always");
            return always ? Durability.FLUSHED : Durability.STORED;
        } catch (BrokerRefusedException e) {
            // Many providers forbid CONFIG. Only the weaker guarantee is certain then.
            LOGGER.log(Level.DEBUG, "appendfsync is unknown", e);
            return Durability.STORED;
        }
    }
}
