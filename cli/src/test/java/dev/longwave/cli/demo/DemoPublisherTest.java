package dev.longwave.cli.demo;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

final class DemoPublisherTest {

    private static final Script RESTLESS =
            () -> List.of(new Step(Duration.ZERO, DemoEvent.text("demo/test", "tick", "tick")));

    @Test
    void publishesFromNamedThreadsUntilClosed() throws InterruptedException {
        CountDownLatch lively = new CountDownLatch(100);
        Queue<Thread> publishers = new ConcurrentLinkedQueue<>();
        DemoPublisher demo =
                play(
                        (topic, type, key, data, end) -> {
                            publishers.add(Thread.currentThread());
                            lively.countDown();
                        },
                        Duration.ofSeconds(20));

        lively.await();
        demo.close();

        assertThat(publishers).extracting(Thread::getName).containsOnly("longwave-demo-test");
        assertThat(publishers.element().isAlive()).isFalse();
    }

    @Test
    void interruptsPublisherThatBlocksWhenClosed() throws InterruptedException {
        CountDownLatch blocked = new CountDownLatch(1);
        CountDownLatch interrupted = new CountDownLatch(1);
        DemoPublisher demo =
                play(
                        (topic, type, key, data, end) -> {
                            blocked.countDown();
                            try {
                                new CountDownLatch(1).await();
                            } catch (InterruptedException _) {
                                Thread.currentThread().interrupt();
                                interrupted.countDown();
                            }
                        },
                        Duration.ZERO);

        blocked.await();
        demo.close();

        interrupted.await();
    }

    @Test
    void closesAtOnceWhileItWaitsForTheNextEvent() {
        Script idle =
                () ->
                        List.of(
                                new Step(
                                        Duration.ofDays(1),
                                        DemoEvent.text("demo/test", "tick", "tick")));
        EventPublisher nobody = (topic, type, key, data, end) -> {};
        DemoPublisher demo =
                DemoPublisher.start(Map.of("test", new Lane(idle, nobody)), Duration.ofDays(1));

        demo.close();
    }

    @Test
    void playsEveryCaseOfTheConsole() {
        EventPublisher nobody = (topic, type, key, data, end) -> {};

        Map<String, Lane> lanes =
                DemoPublisher.lanes(nobody, new SplittableRandom(1), InstantSource.system());

        assertThat(lanes)
                .containsOnlyKeys(
                        "notifications", "jobs-1", "jobs-2", "metrics", "logs", "answers");
    }

    private static DemoPublisher play(EventPublisher publisher, Duration closeDeadline) {
        return DemoPublisher.start(Map.of("test", new Lane(RESTLESS, publisher)), closeDeadline);
    }
}
