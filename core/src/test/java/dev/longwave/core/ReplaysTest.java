package dev.longwave.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.longwave.broker.BrokerUnavailableException;
import dev.longwave.broker.Coverage;
import dev.longwave.broker.Page;
import dev.longwave.broker.Position;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

final class ReplaysTest {

    private static final Page PAGE =
            Page.of(List.of(), Coverage.COMPLETE, new Position(1, 1, 0), false);

    @Test
    void readsNoMorePagesAtATimeThanThat() throws Exception {
        var replays = new Replays(2);
        var reading = new AtomicInteger();
        var most = new AtomicInteger();
        var go = new CountDownLatch(1);
        try (var readers = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<Page>> pages =
                    Stream.generate(() ->
                                    readers.submit(() ->
                                            replays.read(() -> {
                                                most.accumulateAndGet(
                                                        reading.incrementAndGet(), Math::max);
                                                Latches.await(go);
                                                reading.decrementAndGet();
                                                return PAGE;
                                            })))
                            .limit(10)
                            .toList();
            await().until(() -> replays.running() == 2 && replays.waiting() == 8);
            go.countDown();
            for (Future<Page> page : pages) {
                assertThat(page.get()).isSameAs(PAGE);
            }
        }

        assertThat(most).hasValue(2);
        assertThat(replays.running()).isZero();
    }

    @Test
    void doesNotLetAReaderWaitForEver() throws Exception {
        var replays = new Replays(1, Duration.ofMillis(20));
        var go = new CountDownLatch(1);
        try (var readers = Executors.newVirtualThreadPerTaskExecutor()) {
            var first =
                    readers.submit(() ->
                            replays.read(() -> {
                                Latches.await(go);
                                return PAGE;
                            }));
            await().until(() -> replays.running() == 1);

            assertThatThrownBy(() -> replays.read(() -> PAGE))
                    .isInstanceOf(BrokerUnavailableException.class)
                    .hasMessageContaining("max=1");

            go.countDown();
            assertThat(first.get()).isSameAs(PAGE);
        }
    }

    @Test
    void givesTheTurnToTheNextAfterAFailure() {
        var replays = new Replays(1);

        assertThatThrownBy(() ->
                        replays.read(() -> {
                            throw new BrokerUnavailableException("gone");
                        }))
                .hasMessage("gone");

        assertThat(replays.read(() -> PAGE)).isSameAs(PAGE);
    }
}
