package dev.longwave.server.net;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class DeadlinesTest {

    private static final long WRITE = Duration.ofSeconds(3).toNanos();

    private final AtomicLong now = new AtomicLong(1_000);
    private final AtomicInteger expired = new AtomicInteger();
    private final Deadlines deadlines =
            new Deadlines(
                    new Deadlines.Limits(
                            Duration.ofSeconds(300),
                            Duration.ofSeconds(30),
                            1024,
                            Duration.ofSeconds(3)),
                    now::get);

    @AfterEach
    void close() {
        deadlines.close();
    }

    @Test
    void expiresAWaitWithoutProgressOnce() {
        Deadlines.Wait wait = deadlines.writes(expired::incrementAndGet);
        wait.begin();

        checkAfter(WRITE - 10);
        assertThat(expired).hasValue(0);
        checkAfter(10);
        checkAfter(WRITE);
        assertThat(expired).hasValue(1);
    }

    @Test
    void neverExpiresAWaitThatMakesProgress() {
        Deadlines.Wait wait = deadlines.writes(expired::incrementAndGet);

        for (int i = 0; i < 100; i++) {
            wait.progress();
            waitFor(wait, WRITE - 10);
        }

        assertThat(expired).hasValue(0);
    }

    @Test
    void doesNotExpireWhatIsNotWaiting() {
        Deadlines.Wait wait = deadlines.writes(expired::incrementAndGet);

        checkAfter(10 * WRITE);
        wait.begin();
        wait.end();
        checkAfter(10 * WRITE);

        assertThat(expired).hasValue(0);
    }

    /** A client that sends a byte now and then is no better than one that sends nothing. */
    @Test
    void addsUpWaitsWithoutProgress() {
        Deadlines.Wait wait = deadlines.writes(expired::incrementAndGet);

        waitFor(wait, WRITE / 2);
        checkAfter(10 * WRITE); // what the server does in between is not the client's fault
        waitFor(wait, WRITE / 2 - 10);
        assertThat(expired).hasValue(0);
        waitFor(wait, 20);

        assertThat(expired).hasValue(1);
    }

    @Test
    void asksForTheLimitEachTime() {
        var limit = new AtomicLong(Duration.ofHours(1).toNanos());
        Deadlines.Wait wait = deadlines.wait(limit::get, expired::incrementAndGet);
        wait.begin();

        checkAfter(10 * WRITE);
        assertThat(expired).hasValue(0);
        limit.set(WRITE);
        checkAfter(0);
        assertThat(expired).hasValue(1);
    }

    @Test
    void forgetsAWaitThatIsClosed() {
        Deadlines.Wait wait = deadlines.writes(expired::incrementAndGet);
        wait.begin();

        wait.close();
        checkAfter(10 * WRITE);

        assertThat(expired).hasValue(0);
    }

    @Test
    void expiresTheOthersWhenOneFails() {
        for (int i = 0; i < 3; i++) {
            boolean error = i == 0;
            deadlines
                    .writes(() -> {
                        expired.incrementAndGet();
                        if (error) {
                            throw new AssertionError("on purpose");
                        }
                        throw new IllegalStateException("on purpose");
                    })
                    .begin();
        }

        checkAfter(WRITE + 10);

        assertThat(expired).hasValue(3);
    }

    @Test
    void looksByItself() throws InterruptedException {
        var limits =
                new Deadlines.Limits(
                        Duration.ofHours(1), Duration.ofHours(1), 1024, Duration.ofMillis(20));
        var done = new CountDownLatch(1);
        try (var running = new Deadlines(limits)) {
            running.writes(done::countDown).begin();

            done.await();
        }
    }

    private void waitFor(Deadlines.Wait wait, long nanos) {
        wait.begin();
        checkAfter(nanos);
        wait.end();
    }

    private void checkAfter(long nanos) {
        now.addAndGet(nanos);
        deadlines.check();
    }
}
