package dev.longwave.broker.redis;

import java.nio.charset.StandardCharsets;
import java.util.stream.IntStream;
import redis.clients.jedis.util.JedisClusterCRC16;

/** Names the keys and channels. */
final class Keys {
    /*
     * Topics are distributed over a fixed number of buckets. All keys of a bucket carry its number
     * as hash tag, so that a cluster keeps them on one node and a script may use them together: the
     * keys of a topic and the epoch of its bucket.
     *
     * Names never collide, whatever a topic is called: the text in front of the topic has no colon
     * except those written here, and a message id contains no space.
     */
    static final int BUCKETS = 256;

    /** The bucket of {@link #nodes}. */
    static final int NODES_BUCKET = 0;

    private static final int[] SLOTS =
            IntStream.range(0, BUCKETS)
                    .map(bucket -> JedisClusterCRC16.getSlot(Integer.toString(bucket)))
                    .toArray();

    private final String namespace;
    private final int database;

    Keys(String namespace, int database) {
        this.namespace = namespace;
        this.database = database;
    }

    /** {@return the bucket of a topic or a claim: the same on every node and in every version} */
    static int bucket(String name) {
        // String.hashCode is specified. Its lower bits are weak, so the upper half is mixed in.
        int hash = name.hashCode();
        return (hash ^ (hash >>> 16)) & (BUCKETS - 1);
    }

    /** {@return the slot of a Redis Cluster that has all keys of a bucket} */
    static int slot(int bucket) {
        return SLOTS[bucket];
    }

    byte[] epoch(int bucket) {
        return bytes(tagged(bucket) + "epoch");
    }

    /** {@return the key of a topic's stream} */
    byte[] log(String topic) {
        return bytes(tagged(bucket(topic)) + "log:" + topic);
    }

    /** {@return the key that holds the id of a topic's newest entry} */
    byte[] last(String topic) {
        return bytes(tagged(bucket(topic)) + "last:" + topic);
    }

    /** {@return the key that holds the position up to which a topic was deleted} */
    byte[] erased(String topic) {
        return bytes(tagged(bucket(topic)) + "erased:" + topic);
    }

    /** {@return the key that holds the entry id of the message with this id} */
    byte[] id(String topic, String id) {
        return bytes(tagged(bucket(topic)) + "id:" + id + ' ' + topic);
    }

    byte[] claim(String key) {
        return bytes(tagged(bucket(key)) + "claim:" + key);
    }

    /** {@return the key of a topic's members by the time at which their leases end} */
    byte[] leases(String topic) {
        return bytes(tagged(bucket(topic)) + "leases:" + topic);
    }

    /** {@return the key of a topic's members in the order of their ids} */
    byte[] leaseOrder(String topic) {
        return bytes(tagged(bucket(topic)) + "lease-order:" + topic);
    }

    /** {@return the key of what to tell of a topic's members} */
    byte[] leaseInfo(String topic) {
        return bytes(tagged(bucket(topic)) + "lease-info:" + topic);
    }

    /**
     * {@return the channel of a topic} It includes the database, as all databases share channels.
     */
    String channel(String topic) {
        return tagged(bucket(topic)) + "live:" + database + ':' + topic;
    }

    /** {@return the key that holds the settings of all nodes, by their names} */
    byte[] nodes() {
        return bytes(tagged(NODES_BUCKET) + "nodes");
    }

    /** {@return a key or channel that is used only to check permissions} */
    String unused(int bucket, String name) {
        return tagged(bucket) + "check:" + name;
    }

    private String tagged(int bucket) {
        return namespace + ":{" + bucket + "}:";
    }

    static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
