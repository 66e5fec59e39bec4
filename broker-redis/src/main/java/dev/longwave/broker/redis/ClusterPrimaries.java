package dev.longwave.broker.redis;

import dev.longwave.broker.BrokerConfigurationException;
import dev.longwave.broker.BrokerRefusedException;
import dev.longwave.broker.BrokerRefusedException.Reason;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import redis.clients.jedis.CommandArguments;
import redis.clients.jedis.HostAndPort;
import redis.clients.jedis.Protocol.Command;
import redis.clients.jedis.exceptions.JedisConnectionException;
import redis.clients.jedis.exceptions.JedisDataException;
import redis.clients.jedis.exceptions.JedisException;

/** The primaries of a Redis Cluster. */
final class ClusterPrimaries implements Primaries {
    /*
     * A bucket is the hash tag of its keys, and so belongs to one slot. CLUSTER SLOTS says which
     * member serves it. Any member may be asked, and each may be behind the others for a moment:
     * they are asked in a random order, so that one that has been cut off from the cluster is not
     * believed again and again. Every member that was ever told of is remembered, beside those in
     * the settings.
     */
    private static final int LONGEST_TIMEOUT_MILLIS = 1000;

    private final RedisSettings settings;
    private final Connector connector;
    private final Watchdog watchdog;
    private final boolean sharded;
    private final Map<HostAndPort, Shard> shards = new HashMap<>(); // guarded by this
    private final Set<HostAndPort> members = new LinkedHashSet<>(); // guarded by this
    private boolean closed; // guarded by this
    private volatile @Nullable Shard[] byBucket = new @Nullable Shard[Keys.BUCKETS];

    /**
     * Asks the cluster for its primaries.
     *
     * @throws BrokerConfigurationException if there is none
     * @throws JedisException if nobody answers
     */
    ClusterPrimaries(RedisSettings settings, Connector connector, Watchdog watchdog) {
        this.settings = settings;
        this.connector = connector;
        this.watchdog = watchdog;
        members.addAll(settings.address().servers());
        try {
            var _ = look();
        } catch (JedisDataException e) {
            if (Failures.isNoCluster(e)) {
                throw new BrokerConfigurationException(
                        "there is no Redis Cluster at broker.redis.uri, but a server without"
                                + " cluster support: write redis:// uri="
                                + settings.address(),
                        e);
            }
            throw e;
        }
        sharded = all().stream().allMatch(this::hasShardedChannels);
    }

    /** A member that does not answer is taken for one of the present. */
    private boolean hasShardedChannels(Shard shard) {
        try (RedisConnection connection = shard.dial(timeoutMillis())) {
            Object info = connection.executeCommand(new CommandArguments(Command.INFO));
            return ServerInfo.parse(new Reply(info)).isAtLeast(7, 0);
        } catch (JedisConnectionException _) {
            return true;
        }
    }

    @Override
    public @Nullable Shard servedBy(int bucket) {
        return byBucket[bucket];
    }

    @Override
    public Shard of(int bucket) {
        Shard shard = byBucket[bucket];
        if (shard == null) {
            throw new BrokerRefusedException(
                    Reason.BUSY,
                    "no member of the cluster serves a slot uri=%s slot=%d"
                            .formatted(settings.address(), Keys.slot(bucket)),
                    null);
        }
        return shard;
    }

    @Override
    public List<Shard> all() {
        var found = new LinkedHashSet<Shard>();
        for (Shard shard : byBucket) {
            if (shard != null) {
                found.add(shard);
            }
        }
        return List.copyOf(found);
    }

    @Override
    public synchronized Shard at(HostAndPort told) {
        HostAndPort actual = settings.addressMap().actual(told);
        return shards.computeIfAbsent(actual, this::open);
    }

    private Shard open(HostAndPort member) {
        var shard = new Shard(settings, watchdog, millis -> connector.connect(member, millis));
        if (closed) {
            shard.close();
        }
        return shard;
    }

    @Override
    public synchronized boolean look() {
        var inRandomOrder = new ArrayList<>(members);
        Collections.shuffle(inRandomOrder);
        JedisException failure = null;
        for (HostAndPort member : inRandomOrder) {
            try (RedisConnection connection = connector.connect(member, timeoutMillis())) {
                Object slots =
                        connection.executeCommand(
                                new CommandArguments(Command.CLUSTER).add("SLOTS"));
                return take(new Reply(slots), member);
            } catch (JedisException e) {
                failure = e;
            }
        }
        throw failure == null ? new JedisConnectionException("no member") : failure;
    }

    private boolean take(Reply slots, HostAndPort asked) {
        var before = byBucket;
        var next = new @Nullable Shard[Keys.BUCKETS];
        for (Reply range : slots.items()) {
            long first = range.at(0).number();
            long last = range.at(1).number();
            for (int i = 2; i < range.size(); i++) {
                members.add(address(range.at(i), asked));
            }
            Shard primary = shards.computeIfAbsent(address(range.at(2), asked), this::open);
            for (int bucket = 0; bucket < next.length; bucket++) {
                int slot = Keys.slot(bucket);
                if (first <= slot && slot <= last) {
                    next[bucket] = primary;
                }
            }
        }
        byBucket = next;
        Set<Shard> used = Set.copyOf(all());
        shards.values()
                .removeIf(shard -> {
                    if (!used.contains(shard)) {
                        shard.close();
                        return true;
                    }
                    return false;
                });
        return !Arrays.equals(before, next);
    }

    /** {@return the address of a member; it may not know the name by which it was reached} */
    private HostAndPort address(Reply member, HostAndPort asked) {
        String host = member.at(0).isNothing() ? "" : member.at(0).text();
        int port = (int) member.at(1).number();
        return settings.addressMap()
                .actual(
                        new HostAndPort(
                                host.isEmpty() || host.equals("?") ? asked.getHost() : host, port));
    }

    @Override
    public boolean hasShardedChannels() {
        return sharded;
    }

    private int timeoutMillis() {
        return (int) Math.min(settings.timeout().toMillis(), LONGEST_TIMEOUT_MILLIS);
    }

    @Override
    public synchronized void close() {
        closed = true;
        shards.values().forEach(Shard::close);
    }
}
