package dev.longwave.server.session;

import dev.longwave.core.CloseReason;
import dev.longwave.core.StreamReport;
import dev.longwave.server.net.LoggedRequest;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * What became of a stream.
 *
 * @param connection its ID: {@link Session#connection}
 * @param transport the word for its kind: {@link Sink#transport}
 * @param request the request that opened it; null if there is none, or the access log is off
 * @param subject who its client is; null if it has not signed in
 * @param lasted how long it was open
 * @param events how many events were taken for it
 * @param bytes how many bytes were written to its client
 * @param gaps how many gaps its client was told of
 * @param stalls how often its client did not take all of a direct write
 * @param reason why it ended
 * @param report how far it had come, and what else has happened to it
 */
public record EndedStream(
        String connection,
        String transport,
        @Nullable LoggedRequest request,
        @Nullable String subject,
        Duration lasted,
        long events,
        long bytes,
        int gaps,
        int stalls,
        CloseReason reason,
        StreamReport report) {}
