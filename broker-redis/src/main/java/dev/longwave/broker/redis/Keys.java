package dev.longwave.broker.redis;

import java.nio.charset.StandardCharsets;

/** The names of keys and channels. */
final class Keys {
    /*
     * Topics are dealt out to a fixed number of buckets. All keys of a bucket carry its number as
     * hash tag, so that in a cluster they live together, and a script may use them together: those
     * of a topic with the epoch of its bucket.
     *
     * Names are apart whatever a topic is called: what precedes it has no colon but those written
     * here, and an id has no space.
     */
    static final int BUCKETS = 256;

    private final String namespace;
    private final int database;

    Keys(String namespace, int database) {
        this.namespace = namespace;
        this.database = database;
    }

    /** {@return the bucket of a topic or of a claim: the same on every node, for ever} */
    static int bucket(String name) {
        // String's hash is specified. Its upper half is mixed in, as its lower bits are the weaker.
        int hash = name.hashCode();
        return (hash ^ (hash >>> 16)) & (BUCKETS - 1);
    }

    byte[] epoch(int bucket) {
        return bytes(tagged(bucket) + "epoch");
    }

    /** The stream of a topic. */
    byte[] log(String topic) {
        return bytes(tagged(bucket(topic)) + "log:" + topic);
    }

    /** The id of the newest entry of a topic. */
    byte[] last(String topic) {
        return bytes(tagged(bucket(topic)) + "last:" + topic);
    }

    /** The entry that a message id led to. */
    byte[] id(String topic, String id) {
        return bytes(tagged(bucket(topic)) + "id:" + id + ' ' + topic);
    }

    byte[] claim(String key) {
        return bytes(tagged(bucket(key)) + "claim:" + key);
    }

    /** The channel of a topic. It names the database, for channels are shared by all of them. */
    String channel(String topic) {
        return tagged(bucket(topic)) + "live:" + database + ':' + topic;
    }

    /** {@return a key or a channel that nobody else uses} */
    String unused(String name) {
        return tagged(0) + "check:" + name;
    }

    private String tagged(int bucket) {
        return namespace + ":{" + bucket + "}:";
    }

    static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
