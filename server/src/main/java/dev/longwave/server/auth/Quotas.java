package dev.longwave.server.auth;

import dev.longwave.server.http.Problem;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * How much each client may do: by subject, or by address if it has not signed in. Safe for many
 * threads.
 */
final class Quotas {
    /*
     * What is known of a client is changed inside compute() of its key, and dropped there once it is as new. So nothing
     * is kept of clients that are quiet, and those that are not are bounded by what they can do. If the settings change,
     * a client's buckets are new ones, and full, at its next request; its streams are counted on.
     */
    private static final int SWEEP_EVERY = 10_000;

    private final Supplier<QuotaSettings> settings;
    private final LongSupplier nanoTime;
    private final Map<String, Use> uses = new ConcurrentHashMap<>();
    private int sweepIn = SWEEP_EVERY; // not exact, as it is not guarded

    /** What one client does. Guarded by its key in {@code uses}. */
    private static final class Use {
        private final QuotaSettings settings;
        private final TokenBucket events;
        private final TokenBucket bytes;
        private final TokenBucket tickets;
        private int streams;

        Use(QuotaSettings settings, int streams, long now) {
            this.settings = settings;
            this.streams = streams;
            events = new TokenBucket(settings.eventsPerSecond(), settings.eventsPerSecond(), now);
            bytes = new TokenBucket(settings.bytesPerSecond(), settings.bytesPerSecond(), now);
            tickets =
                    new TokenBucket(
                            settings.ticketsPerMinute() / 60.0, settings.ticketsPerMinute(), now);
        }

        boolean isOver(long now) {
            return streams == 0 && events.isFull(now) && bytes.isFull(now) && tickets.isFull(now);
        }
    }

    /** Asks one thing of a client's use. */
    private interface Taking {
        @Nullable Problem from(Use use, long now);
    }

    Quotas(Supplier<QuotaSettings> settings, LongSupplier nanoTime) {
        this.settings = settings;
        this.nanoTime = nanoTime;
    }

    /**
     * Counts an event that {@code client} is about to publish.
     *
     * @throws dev.longwave.server.http.ProblemException if it is one too many
     */
    void publish(String client, int bytes) {
        QuotaSettings present = settings.get();
        if (present.eventsPerSecond() > 0) {
            take(
                    client,
                    (use, now) ->
                            problem(
                                    "publishes-per-second",
                                    present.eventsPerSecond(),
                                    1,
                                    use.events.take(1, now)));
        }
        if (present.bytesPerSecond() > 0) {
            take(
                    client,
                    (use, now) ->
                            problem(
                                    "publish-bytes-per-second",
                                    present.bytesPerSecond(),
                                    1,
                                    use.bytes.take(bytes, now)));
        }
    }

    /**
     * Counts a ticket that {@code client} is about to get.
     *
     * @throws dev.longwave.server.http.ProblemException if it is one too many
     */
    void ticket(String client) {
        QuotaSettings present = settings.get();
        if (present.ticketsPerMinute() > 0) {
            take(
                    client,
                    (use, now) ->
                            problem(
                                    "tickets-per-minute",
                                    present.ticketsPerMinute(),
                                    60,
                                    use.tickets.take(1, now)));
        }
    }

    /**
     * Counts a stream that {@code client} opens.
     *
     * @return what to run, once, when it is closed
     * @throws dev.longwave.server.http.ProblemException if it is one too many
     */
    Runnable openStream(String client) {
        int max = settings.get().streamsPerClient();
        if (max == 0) {
            return () -> {};
        }
        take(
                client,
                (use, _) -> {
                    if (use.streams >= max) {
                        return Refusals.tooManyStreams(max);
                    }
                    use.streams++;
                    return null;
                });
        return () -> closeStream(client);
    }

    private void closeStream(String client) {
        take(
                client,
                (use, _) -> {
                    use.streams--;
                    return null;
                });
    }

    private static @Nullable Problem problem(
            String limit, long quota, int window, long retrySeconds) {
        return retrySeconds == 0
                ? null
                : Refusals.quotaExceeded(limit, quota, window, retrySeconds);
    }

    private void take(String client, Taking taking) {
        long now = nanoTime.getAsLong();
        QuotaSettings present = settings.get();
        var exceeded = new AtomicReference<@Nullable Problem>();
        var _ =
                uses.compute(
                        client,
                        (_, known) -> {
                            Use use = current(known, present, now);
                            exceeded.set(taking.from(use, now));
                            return use.isOver(now) ? null : use;
                        });
        if (--sweepIn < 0) {
            sweepIn = SWEEP_EVERY;
            uses.keySet().forEach(key -> uses.computeIfPresent(key, (_, use) -> kept(use, now)));
        }
        Problem problem = exceeded.get();
        if (problem != null) {
            throw problem.exception();
        }
    }

    private static Use current(@Nullable Use known, QuotaSettings settings, long now) {
        if (known == null) {
            return new Use(settings, 0, now);
        }
        return known.settings.equals(settings) ? known : new Use(settings, known.streams, now);
    }

    private static @Nullable Use kept(Use use, long now) {
        return use.isOver(now) ? null : use;
    }
}
