package dev.longwave.server.net.helidon;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.longwave.server.net.Deadlines;
import dev.longwave.server.net.RequestFaultException;
import io.helidon.webserver.CloseConnectionException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class RequestBodyTest {

    private static final Duration LONG = Duration.ofMinutes(5);
    private static final Duration SHORT = Duration.ofMillis(100);

    private final CountDownLatch waiting = new CountDownLatch(1);
    private final AtomicInteger expired = new AtomicInteger();
    private final Deadlines longDeadlines =
            new Deadlines(new Deadlines.Limits(LONG, LONG, 1, LONG));
    private final Deadlines shortDeadlines =
            new Deadlines(new Deadlines.Limits(LONG, SHORT, 1_024, LONG));

    /** As Helidon's: waits for bytes that do not come, and is at its end when interrupted. */
    private final InputStream stalled =
            new InputStream() {
                @Override
                public int read(byte[] bytes, int offset, int length) {
                    return read();
                }

                @Override
                public int read() {
                    waiting.countDown();
                    try {
                        new CountDownLatch(1).await();
                    } catch (InterruptedException _) {
                        // As Helidon has it.
                    }
                    return -1;
                }
            };

    @AfterEach
    void close() {
        longDeadlines.close();
        shortDeadlines.close();
    }

    private RequestBody body(Deadlines deadlines, boolean arrived) {
        return new RequestBody(deadlines, () -> arrived, expired::incrementAndGet);
    }

    @Test
    void endsWithTheRequest() throws Exception {
        RequestBody body =
                body(longDeadlines, true).of(new ByteArrayInputStream(new byte[] {1, 2}));

        assertThat(body.readAllBytes()).containsExactly(1, 2);
    }

    @Test
    void isNotTakenForWholeWhenItsReaderIsInterrupted() throws Exception {
        RequestBody body = body(longDeadlines, false).of(stalled);
        var reader = new CompletableFuture<Thread>();
        CompletableFuture<Integer> read =
                CompletableFuture.supplyAsync(() -> {
                    reader.complete(Thread.currentThread());
                    return next(body);
                });
        waiting.await();

        reader.join().interrupt();

        assertThatThrownBy(read::join).hasCauseInstanceOf(CloseConnectionException.class);
    }

    @Test
    void tellsAWaitingReaderThatTheConnectionEnded() throws Exception {
        RequestBody body = body(longDeadlines, false).of(stalled);
        CompletableFuture<Boolean> interrupted =
                CompletableFuture.supplyAsync(() -> {
                    assertThatThrownBy(() -> next(body))
                            .isInstanceOf(CloseConnectionException.class);
                    return Thread.currentThread().isInterrupted();
                });
        waiting.await();

        body.lose();

        assertThat(interrupted.join()).isFalse();
    }

    @Test
    void failsAReadAfterTheConnectionEnded() {
        RequestBody body = body(longDeadlines, true).of(stalled);

        body.lose();

        assertThatThrownBy(() -> next(body)).isInstanceOf(CloseConnectionException.class);
    }

    @Test
    void tellsAReaderThatTheClientTakesTooLong() {
        RequestBody body = body(shortDeadlines, false).of(stalled);

        assertThatThrownBy(() -> next(body))
                .isInstanceOfSatisfying(
                        RequestFaultException.class,
                        e -> assertThat(e.fault().status()).isEqualTo(408));
        assertThat(expired).hasValue(1);
    }

    /** One byte at a time is no progress. */
    @Test
    void tellsTheReaderOfATrickleThatTheClientTakesTooLong() {
        InputStream trickle =
                new InputStream() {
                    @Override
                    public int read() {
                        try {
                            var never = new CountDownLatch(1);
                            var _ = never.await(SHORT.toMillis() / 8, TimeUnit.MILLISECONDS);
                            return 1;
                        } catch (InterruptedException _) {
                            return -1;
                        }
                    }

                    @Override
                    public int read(byte[] bytes, int offset, int length) {
                        return read() < 0 ? -1 : 1;
                    }
                };
        RequestBody body = body(shortDeadlines, false).of(trickle);

        assertThatThrownBy(body::readAllBytes).isInstanceOf(RequestFaultException.class);
    }

    @Test
    void letsAReaderWaitWherePausesAreAllowed() throws Exception {
        RequestBody body = body(shortDeadlines, false).of(stalled);
        body.allowPauses(true);
        CompletableFuture<Integer> read = CompletableFuture.supplyAsync(() -> next(body));
        waiting.await();

        // Another one's deadline passes.
        RequestBody other = body(shortDeadlines, false).of(stalled);
        assertThatThrownBy(() -> next(other)).isInstanceOf(RequestFaultException.class);

        assertThat(read).isNotDone();
        body.lose();
        assertThatThrownBy(read::join).hasCauseInstanceOf(CloseConnectionException.class);
    }

    /** Where nobody wants the rest, its end is the end. */
    @Test
    void endsWhenItIsDropped() throws Exception {
        RequestBody body = body(longDeadlines, false).of(new ByteArrayInputStream(new byte[0]));

        body.drop();

        assertThat(body.read()).isNegative();
    }

    private static int next(InputStream body) {
        try {
            return body.read();
        } catch (IOException e) {
            throw new CompletionException(e);
        }
    }
}
