package dev.longwave.broker.redis;

import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import redis.clients.jedis.HostAndPort;
import redis.clients.jedis.exceptions.JedisException;

/** Knows which primary serves which bucket. Safe for many threads. */
interface Primaries extends AutoCloseable {

    /**
     * {@return the primary that serves {@code bucket}, as far as is known}
     *
     * @throws dev.longwave.broker.BrokerRefusedException if none does at present
     */
    Shard of(int bucket);

    /** {@return the primary that serves {@code bucket}, as far as is known, or null} */
    @Nullable Shard servedBy(int bucket);

    /** {@return the primaries that serve something, in no order} */
    List<Shard> all();

    /** {@return a bucket that {@code shard} serves, or 0 if it serves none any more} */
    default int bucketOf(Shard shard) {
        return IntStream.range(0, Keys.BUCKETS)
                .filter(bucket -> servedBy(bucket) == shard)
                .findFirst()
                .orElse(0);
    }

    /**
     * {@return the server at the address that a redirection names, which is about to become the
     * primary of a bucket}
     */
    Shard at(HostAndPort told);

    /**
     * Asks the servers again, and blocks up to the time-out.
     *
     * @return whether a primary has come, gone, or been replaced, or serves other buckets
     * @throws JedisException if nobody knows
     */
    boolean look();

    /** {@return whether channels belong to shards, rather than to the whole deployment} */
    boolean hasShardedChannels();

    /** Closes the connections that are not in use. */
    @Override
    void close();
}
