package dev.longwave.broker;

/**
 * What a broker can do beyond delivering events. The contract tests check each capability that a
 * broker declares. Later versions may add constants.
 */
public enum Capability {
    /** It keeps a log of each topic that {@link Broker#history} reads. */
    HISTORY,
    /** It drops a repeated {@link Message#id()}. */
    DEDUPLICATION,
    /** Other nodes see what is published here. */
    SHARED,
    /** The log survives a restart of the broker's servers. */
    DURABLE,
    /** {@link Broker#presence()} is not empty. */
    PRESENCE,
    /** {@link Broker#claim} works. */
    CLAIMS,
    /**
     * {@link Broker#subscribe} and {@link Broker#history} take a {@link TopicPattern} for a topic.
     * A broker that does not declare it is never given one.
     */
    PATTERNS,
    /** {@link Broker#broadcast} works. */
    EPHEMERAL,
    /** {@link Broker#delete} works. */
    DELETE
}
