package dev.longwave.server.net.helidon;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.helidon.webserver.CloseConnectionException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

final class RequestBodyTest {

    private final CountDownLatch waiting = new CountDownLatch(1);

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

    @Test
    void endsWithTheRequest() throws Exception {
        var body = new RequestBody(new ByteArrayInputStream(new byte[] {1, 2}), () -> true);

        assertThat(body.readAllBytes()).containsExactly(1, 2);
    }

    @Test
    void isNotTakenForWholeWhenItsReaderIsInterrupted() throws Exception {
        var body = new RequestBody(stalled, () -> false);
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
        var body = new RequestBody(stalled, () -> false);
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
        var body = new RequestBody(stalled, () -> true);

        body.lose();

        assertThatThrownBy(() -> next(body)).isInstanceOf(CloseConnectionException.class);
    }

    private static int next(InputStream body) {
        try {
            return body.read();
        } catch (IOException e) {
            throw new CompletionException(e);
        }
    }
}
