package dev.longwave.broker.nats;

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
import org.jspecify.annotations.Nullable;

/**
 * What the stream's leader says of it.
 *
 * @param epoch of all positions in it
 * @param first sequence of its oldest message; one beyond the last if it has none
 * @param firstTime when that was stored, null if it has none
 * @param last sequence of the newest message that it had
 * @param lastTime when that was stored, null if it never had any
 * @param count how many messages it has of the subject that was asked for
 * @param countLimit how many it keeps of one subject
 * @param settled whether most replicas have all that the leader has
 */
record StreamFacts(
        long epoch,
        long first,
        @Nullable Instant firstTime,
        long last,
        @Nullable Instant lastTime,
        long count,
        long countLimit,
        boolean settled) {
    /*
     * What is removed from a stream is always the oldest: of the stream by age and by bytes, of a
     * subject by count. So if the stream's first message is not beyond a place, only the limit by
     * count can have removed messages of a subject behind it; and that leaves as many as the limit,
     * and from then on, nothing else being removed, there are not less.
     */
    private static final int EPOCH_BITS = 40; // enough to differ, and short in every event id

    static StreamFacts of(StreamInfo info) {
        StreamState state = info.getStreamState();
        boolean empty = state.getMsgCount() == 0;
        return new StreamFacts(
                epoch(info.getConfiguration().getName(), info.getCreateTime()),
                empty ? state.getLastSequence() + 1 : state.getFirstSequence(),
                empty ? null : instant(state.getFirstTime()),
                state.getLastSequence(),
                state.getLastSequence() == 0 ? null : instant(state.getLastTime()),
                state.getSubjectMap().values().stream().mapToLong(Long::longValue).sum(),
                info.getConfiguration().getMaxMsgsPerSubject(),
                isSettled(info.getClusterInfo()));
    }

    /** {@return whether all messages of the subject after {@code sequence} are there} */
    boolean hasAllAfter(long sequence) {
        return isBelowLimit() && first <= sequence + 1;
    }

    /** {@return whether all messages of the subject since {@code time} are there} */
    boolean hasAllSince(Instant time) {
        return isBelowLimit()
                && (first == 1 || isBefore(firstTime, time) || isBefore(lastTime, time));
    }

    private boolean isBelowLimit() {
        return countLimit <= 0 || count < countLimit;
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
