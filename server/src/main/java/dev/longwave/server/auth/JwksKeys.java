package dev.longwave.server.auth;

import dev.longwave.server.http.HttpFetch;
import dev.longwave.token.KeyException;
import dev.longwave.token.KeySet;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The keys that an issuer publishes at a URL: a JWK set, RFC 7517. They are kept when the URL does
 * not answer, or answers with something else. Safe for many threads.
 */
final class JwksKeys implements KeySource {
    /*
     * Once keys were needed, a timer fetches those that are older than the interval: nobody waits for that, and a
     * server whose streams stay open learns which keys are gone without a request. A request for a key that is not
     * known waits for the fetch, even if another request has begun it. After each attempt there is a pause, as
     * everyone can send tokens with unknown key IDs; only an operator's reload does without.
     */
    private static final Duration PAUSE = Duration.ofSeconds(10);
    private static final System.Logger LOGGER = System.getLogger(JwksKeys.class.getName());

    private final URI url;
    private final HttpFetch fetch;
    private final Duration refreshInterval;
    private final LongSupplier nanoTime;
    private final Runnable changed;
    private final ReentrantLock fetching = new ReentrantLock();
    private final ScheduledThreadPoolExecutor refresher =
            new ScheduledThreadPoolExecutor(
                    1,
                    Thread.ofPlatform().daemon().name("longwave-jwks").factory(),
                    new ThreadPoolExecutor.DiscardPolicy()); // of a reload while the server stops
    private volatile @Nullable KeySet known; // written under the lock
    private long succeededNanos; // guarded by `fetching`, as are those below
    private long triedNanos;
    private boolean tried;
    private boolean warned;
    private String published = "";

    /**
     * @param refreshInterval how old the keys may become before they are fetched again
     * @param changed is run when the URL has answered with others; must not block
     */
    JwksKeys(
            URI url,
            HttpFetch fetch,
            Duration refreshInterval,
            LongSupplier nanoTime,
            Runnable changed) {
        this.url = url;
        this.fetch = fetch;
        this.refreshInterval = refreshInterval;
        this.nanoTime = nanoTime;
        this.changed = changed;
        long tick = Math.min(refreshInterval.toNanos(), PAUSE.toNanos());
        var _ =
                refresher.scheduleWithFixedDelay(
                        this::refreshIfDue, tick, tick, TimeUnit.NANOSECONDS);
    }

    @Override
    public KeySet keys() {
        KeySet present = known;
        return present == null ? newer() : present;
    }

    @Override
    public KeySet newer() {
        KeySet present = fetchUnlessNewerThan(known);
        if (present == null) {
            throw Refusals.keysUnavailable().exception();
        }
        return present;
    }

    @Override
    public boolean contains(String thumbprint) {
        return keys().contains(thumbprint) || newer().contains(thumbprint);
    }

    @Override
    public void refresh() {
        refresher.execute(() -> fetchIf(() -> true));
    }

    /** Fetches keys that have been there for the interval, or should have been there. */
    void refreshIfDue() {
        fetchIf(() -> isDue(nanoTime.getAsLong()));
    }

    private boolean isDue(long now) {
        return now - triedNanos >= PAUSE.toNanos()
                && (known == null || now - succeededNanos >= refreshInterval.toNanos());
    }

    private void fetchIf(BooleanSupplier due) {
        fetching.lock();
        try {
            if (tried && due.getAsBoolean()) { // not before they are needed
                fetch();
            }
        } catch (RuntimeException e) { // or the timer would stop
            LOGGER.log(System.Logger.Level.ERROR, "keys cannot be refreshed", e);
        } finally {
            fetching.unlock();
        }
    }

    private @Nullable KeySet fetchUnlessNewerThan(@Nullable KeySet seen) {
        fetching.lock();
        try {
            if (known == seen && (!tried || nanoTime.getAsLong() - triedNanos >= PAUSE.toNanos())) {
                fetch();
            }
            return known;
        } finally {
            fetching.unlock();
        }
    }

    private void fetch() {
        tried = true;
        triedNanos = nanoTime.getAsLong();
        try {
            HttpResponse<byte[]> response = fetch.get(url, Map.of());
            if (response.statusCode() != 200) {
                throw new IOException("unexpected status status=" + response.statusCode());
            }
            String text = new String(response.body(), StandardCharsets.UTF_8);
            KeySet keys = KeySet.parsePublic(text);
            if (keys.isEmpty()) {
                throw new IOException("the set has no key that can verify tokens");
            }
            known = keys;
            if (!text.equals(published)) {
                published = text;
                // At the first fetch, too: until then nobody could say which keys are gone.
                changed.run();
            }
            succeededNanos = nanoTime.getAsLong();
            warned = false;
        } catch (IOException | KeyException e) {
            // The host is the operator's own; a URL may have secrets in its path or query.
            if (!warned && !refresher.isShutdown()) {
                LOGGER.log(
                        System.Logger.Level.WARNING,
                        "cannot fetch the keys of an issuer; {0} host={1} reason={2}",
                        known == null
                                ? "its tokens are refused"
                                : "those that are known still count",
                        url.getHost(),
                        e.getMessage());
            }
            warned = true;
        }
    }

    @Override
    public void close() {
        refresher.shutdownNow();
        fetch.close();
    }
}
