package dev.longwave.core;

/**
 * What a stream subscribes to, and what stands for it in event IDs.
 *
 * @param name a topic or pattern
 * @param hash its {@link EventId#hash}
 */
record TopicId(String name, String hash) {

    TopicId(String name) {
        this(name, EventId.hash(name));
    }
}
