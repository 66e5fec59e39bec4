package dev.longwave.core;

import dev.longwave.broker.Position;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * The event id of a stream: how far it has come in each of its topics. A pattern counts as one
 * topic, under its own text, which no topic can have for a name.
 *
 * <p>Arrival order across topics differs between nodes, so that one number could skip something: an
 * id is a vector. Its text form is {@code topic.position[,topic.position]...}, where a topic stands
 * as a 40-bit hash of its name in base 36: opaque to clients, short enough to be sent with each
 * event, and unmistakable when a stream is resumed with other topics than before. Topics that an id
 * does not name have no cursor in it.
 */
public final class EventId {

    private static final int HASH_BITS = 40;
    private static final int RADIX = 36;
    private static final int MAX_HASH_LENGTH = 8;

    /** The longest part of an id that stands for one topic: hash, dot, and position. */
    public static final int MAX_LENGTH_PER_TOPIC = MAX_HASH_LENGTH + 1 + Position.MAX_TEXT_LENGTH;

    private final Map<String, Position> positions;

    private EventId(Map<String, Position> positions) {
        this.positions = positions;
    }

    /**
     * {@return the id that {@code text} stands for}
     *
     * @param maxTopics how many topics it may name at most
     * @throws IllegalArgumentException if it is malformed or names more than that
     */
    public static EventId parse(String text, int maxTopics) {
        if (text.length() > (long) maxTopics * (MAX_LENGTH_PER_TOPIC + 1)) {
            throw new IllegalArgumentException(
                    "event id is too long length=%d maxTopics=%d"
                            .formatted(text.length(), maxTopics));
        }
        String[] parts = text.split(",", -1);
        if (parts.length > maxTopics) {
            throw new IllegalArgumentException(
                    "event id names too many topics topics=%d max=%d"
                            .formatted(parts.length, maxTopics));
        }
        var positions = HashMap.<String, Position>newHashMap(parts.length);
        for (String part : parts) {
            int dot = part.indexOf('.');
            if (dot < 1 || dot > MAX_HASH_LENGTH || !isHash(part.substring(0, dot))) {
                throw new IllegalArgumentException(
                        "event id is malformed: expected topic.position length=" + text.length());
            }
            Position position = Position.parse(part.substring(dot + 1));
            if (positions.put(part.substring(0, dot), position) != null) {
                throw new IllegalArgumentException("event id names a topic twice");
            }
        }
        return new EventId(positions);
    }

    private static boolean isHash(String text) {
        return text.chars().allMatch(c -> (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z'));
    }

    /** {@return the id of an event at {@code position} on a stream of one topic} */
    public static String of(String topic, Position position) {
        return part(hash(topic), position);
    }

    /** {@return how far this id has come in {@code topic}, if it names it} */
    public Optional<Position> position(String topic) {
        return Optional.ofNullable(positions.get(hash(topic)));
    }

    /** One topic's part of an id, from the topic's {@link #hash}. */
    static String part(String hash, Position position) {
        return hash + '.' + position;
    }

    /** What stands for {@code topic} in ids: 64-bit FNV-1a over its UTF-8, folded to 40 bits. */
    static String hash(String topic) {
        long hash = 0xcbf29ce484222325L;
        for (byte b : topic.getBytes(StandardCharsets.UTF_8)) {
            hash = (hash ^ (b & 0xff)) * 0x100000001b3L;
        }
        return Long.toString((hash >>> HASH_BITS ^ hash) & ((1L << HASH_BITS) - 1), RADIX);
    }
}
