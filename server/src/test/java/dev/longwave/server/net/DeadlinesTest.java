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
                            Duration.ofSeconds(300), Duration.ofSeconds(30), Duration.ofSeconds(3)),
                    now::get);

    @AfterEach
    void close() {
        deadlines.close();
    }

    @Test
    void expiresAWaitWithoutProgressOnce() {
        Deadlines.Wait wait = deadlines.writes(expired::incrementAndGet);
        wait.progress();

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
            checkAfter(WRITE - 10);
        }

        assertThat(expired).hasValue(0);
    }

    @Test
    void doesNotExpireWhatIsNotWaiting() {
        Deadlines.Wait wait = deadlines.writes(expired::incrementAndGet);

        checkAfter(10 * WRITE);
        wait.progress();
        wait.over();
        checkAfter(10 * WRITE);

        assertThat(expired).hasValue(0);
    }

    @Test
    void beginsEachWaitAnew() {
        Deadlines.Wait wait = deadlines.writes(expired::incrementAndGet);
        wait.progress();
        checkAfter(WRITE - 10);
        wait.over();

        wait.progress();
        checkAfter(WRITE - 10);

        assertThat(expired).hasValue(0);
    }

    @Test
    void asksForTheLimitEachTime() {
        var limit = new AtomicLong(Duration.ofHours(1).toNanos());
        Deadlines.Wait wait = deadlines.wait(limit::get, expired::incrementAndGet);
        wait.progress();

        checkAfter(10 * WRITE);
        assertThat(expired).hasValue(0);
        limit.set(WRITE);
        checkAfter(0);
        assertThat(expired).hasValue(1);
    }

    @Test
    void forgetsAWaitThatIsClosed() {
        Deadlines.Wait wait = deadlines.writes(expired::incrementAndGet);
        wait.progress();

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
                    .progress();
        }

        checkAfter(WRITE + 10);

        assertThat(expired).hasValue(3);
    }

    @Test
    void looksByItself() throws InterruptedException {
        var limits =
                new Deadlines.Limits(
                        Duration.ofHours(1), Duration.ofHours(1), Duration.ofMillis(20));
        var done = new CountDownLatch(1);
        try (var running = new Deadlines(limits)) {
            running.writes(done::countDown).progress();

            done.await();
        }
    }

    private void checkAfter(long nanos) {
        now.addAndGet(nanos);
        deadlines.check();
    }
}
