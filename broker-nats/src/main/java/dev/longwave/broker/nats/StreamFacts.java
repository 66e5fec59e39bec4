package dev.longwave.broker.nats;

import dev.longwave.broker.Position;
import io.nats.client.api.ClusterInfo;
import io.nats.client.api.Replica;
import io.nats.client.api.StreamInfo;
import io.nats.client.api.StreamState;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The state of the stream, according to its leader.
 *
 * @param epoch the epoch of all positions in it
 * @param first the sequence of its oldest message; one beyond the last if it is empty
 * @param firstTime when the oldest message was stored; null if it is empty
 * @param last the sequence of the newest message that it ever had
 * @param lastTime when that message was stored; null if it never had any
 * @param counts the number of messages of each subject that was asked for
 * @param countLimit the number of messages that it keeps of one subject
 * @param settled whether most replicas have everything that the leader has
 */
record StreamFacts(
        long epoch,
        long first,
        @Nullable Instant firstTime,
        long last,
        @Nullable Instant lastTime,
        Map<String, Long> counts,
        long countLimit,
        boolean settled) {
    private static final int EPOCH_BITS = 40; // enough to differ, and short in every event id
    private static final int MOST_COUNTS = 100_000; // servers list no more subjects at once

    StreamFacts {
        counts = Map.copyOf(counts);
    }

    static StreamFacts of(StreamInfo info) {
        StreamState state = info.getStreamState();
        boolean empty = state.getMsgCount() == 0;
        return new StreamFacts(
                epoch(info.getConfiguration().getName(), info.getCreateTime()),
                empty ? state.getLastSequence() + 1 : state.getFirstSequence(),
                empty ? null : instant(state.getFirstTime()),
                state.getLastSequence(),
                state.getLastSequence() == 0 ? null : instant(state.getLastTime()),
                state.getSubjectMap(),
                info.getConfiguration().getMaxMsgsPerSubject(),
                isSettled(info.getClusterInfo()));
    }

    /** {@return the position of the newest message; its time is the stamp} */
    Position end() {
        return new Position(epoch, last).stamped(StoredMessage.stamp(lastTime));
    }

    /** {@return whether nothing was stored or put back between the two} */
    boolean isSameState(StreamFacts other) {
        return epoch == other.epoch
                && last == other.last
                && first == other.first
                && Objects.equals(lastTime, other.lastTime);
    }

    /** {@return the number of messages of all subjects that were asked for} */
    long count() {
        return counts.values().stream().mapToLong(Long::longValue).sum();
    }

    /** {@return whether all subjects that were asked for are in the counts} */
    boolean isCounted() {
        return counts.size() < MOST_COUNTS;
    }

    /**
     * {@return the subjects that have reached the limit, and so may have lost messages by count}
     */
    List<String> full() {
        return counts.entrySet().stream()
                .filter(count -> countLimit > 0 && count.getValue() >= countLimit)
                .map(Map.Entry::getKey)
                .toList();
    }

    /** {@return whether too few messages followed {@code sequence} for any to be lost by count} */
    boolean hasGotFewSince(long sequence) {
        return countLimit <= 0 || last - sequence <= countLimit;
    }

    /** {@return whether no message stored since {@code time} was removed by age or by bytes} */
    boolean removedNoneByAgeSince(Instant time) {
        return first == 1 || isBefore(firstTime, time) || isBefore(lastTime, time);
    }

    private static boolean isBefore(@Nullable Instant stored, Instant time) {
        return stored != null && stored.isBefore(time);
    }

    private static @Nullable Instant instant(@Nullable ZonedDateTime time) {
        return time == null ? null : time.toInstant();
    }

    private static boolean isSettled(@Nullable ClusterInfo cluster) {
        if (cluster == null || cluster.getReplicas() == null) {
            return true;
        }
        int others = cluster.getReplicas().size();
        long current = cluster.getReplicas().stream().filter(Replica::isCurrent).count();
        return (1 + current) * 2 > 1 + others;
    }

    static long epoch(String stream, ZonedDateTime created) {
        try {
            byte[] hash =
                    MessageDigest.getInstance("SHA-256")
                            .digest(
                                    (stream + ' ' + created.toInstant())
                                            .getBytes(StandardCharsets.UTF_8));
            return ByteBuffer.wrap(hash).getLong() >>> (Long.SIZE - EPOCH_BITS);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JVM has SHA-256", e);
        }
    }
}
