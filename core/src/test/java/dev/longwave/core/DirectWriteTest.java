package dev.longwave.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.longwave.broker.Message;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Events that are written by the thread that signals, and left to the connection's thread
 * otherwise.
 */
final class DirectWriteTest {

    private static final Duration DEADLINE = Duration.ofMinutes(5);
    private static final int LOG_EVENTS = 8;

    private final FakeBroker broker = new FakeBroker();
    private final Hub hub =
            new Hub(
                    broker,
                    new HubOptions(
                            LOG_EVENTS,
                            1 << 20,
                            Duration.ofMinutes(1),
                            4,
                            1 << 20,
                            1,
                            _ -> new LagPolicy.Replay()));

    private volatile Runnable beforeWrite = () -> {};

    @AfterEach
    void close() {
        hub.close();
    }

    /**
     * A client whose send buffer has as much room as the test says, and its connection's thread.
     */
    private final class Client implements DirectWriter<LineBatch> {
        private final ByteArrayOutputStream received = new ByteArrayOutputStream();
        private final AtomicInteger room = new AtomicInteger(Integer.MAX_VALUE);
        private final AtomicInteger taken = new AtomicInteger(); // by the connection's thread
        private final AtomicInteger direct = new AtomicInteger();
        private final CountDownLatch started = new CountDownLatch(1);
        private volatile @Nullable Throwable failure;
        private volatile @Nullable Outbox<LineBatch> outbox;
        private final LineBatch batch = new LineBatch();
        private byte[] remainder = {};
        private final @Nullable Executor executor;
        private final Thread thread;

        Client(String topic) throws InterruptedException {
            this(topic, null);
        }

        Client(String topic, @Nullable Executor executor) throws InterruptedException {
            this.executor = executor;
            thread = Thread.ofVirtual().start(() -> serve(topic));
            assertThat(started.await(5, TimeUnit.MINUTES)).isTrue();
        }

        private void serve(String topic) {
            Outbox<LineBatch> mine = hub.subscribe(Map.of(topic, Optional.empty()));
            mine.writeDirectly(this);
            outbox = mine;
            started.countDown();
            while (mine.take(batch)) {
                taken.incrementAndGet();
                received.writeBytes(remainder);
                remainder = new byte[0];
                received.writeBytes(batch.bytes());
                batch.clear();
            }
            hub.release(mine);
        }

        Outbox<LineBatch> outbox() {
            Outbox<LineBatch> mine = outbox;
            assertThat(mine).isNotNull();
            return mine;
        }

        @Override
        public LineBatch batch() {
            return batch;
        }

        @Override
        public @Nullable Executor executor() {
            return executor;
        }

        @Override
        public boolean tryWrite(LineBatch events) {
            if (Thread.currentThread() == thread) {
                throw new IllegalStateException("not for the connection's thread");
            }
            throwIfToldTo();
            beforeWrite.run();
            direct.incrementAndGet();
            byte[] bytes = events.bytes();
            int sent = Math.min(bytes.length, room.get());
            received.write(bytes, 0, sent);
            remainder = Arrays.copyOfRange(bytes, sent, bytes.length);
            return remainder.length == 0;
        }

        private void throwIfToldTo() {
            switch (failure) {
                case RuntimeException e -> throw e;
                case Error e -> throw e;
                case null, default -> {
                    // It goes well.
                }
            }
        }

        List<String> told() {
            return received.toString(StandardCharsets.UTF_8)
                    .lines()
                    .filter(line -> !line.isEmpty()) // a heartbeat
                    .toList();
        }

        /** Ends the topic, after which the thread has nothing more to do. */
        List<String> toldToTheEnd(String topic) throws InterruptedException {
            broker.publish(topic, Message.builder(new byte[] {'.'}).end(true).build());
            assertThat(thread.join(DEADLINE)).isTrue();
            List<String> told = told();
            assertThat(told).last().isEqualTo(".");
            return told.subList(0, told.size() - 1);
        }
    }

    @Test
    void sendsEventsWithoutWakingTheConnectionsThread() throws InterruptedException {
        var client = new Client("a");
        await().until(() -> client.thread.getState() == Thread.State.WAITING);

        broker.publish("a", "1");
        broker.publish("a", "2");

        assertThat(client.told()).containsExactly("1", "2");
        assertThat(client.taken).hasValue(0);
    }

    /** Until the executor has written, the outbox is taken, and nothing else is handed over. */
    @Test
    void leavesWritingToTheExecutor() throws InterruptedException {
        BlockingQueue<Runnable> handedOver = new LinkedBlockingQueue<>();
        var client = new Client("a", handedOver::add);
        await().until(() -> client.thread.getState() == Thread.State.WAITING);

        broker.publish("a", "1");
        broker.publish("a", "2");

        assertThat(client.told()).isEmpty();
        assertThat(handedOver).hasSize(1);
        handedOver.remove().run();
        assertThat(client.told()).containsExactly("1", "2");
        assertThat(client.taken).hasValue(0);

        client.outbox().close(CloseReason.SHUTDOWN);

        assertThat(client.thread.isAlive()).isTrue();
        handedOver.remove().run();
        assertThat(client.thread.join(DEADLINE)).isTrue();
    }

    @Test
    void sendsHeartbeats() throws InterruptedException {
        var client = new Client("a");
        await().until(() -> client.thread.getState() == Thread.State.WAITING);

        client.outbox().beat();
        client.outbox().beat();

        assertThat(client.received.toString(StandardCharsets.UTF_8)).isEqualTo("\n");
        assertThat(client.taken).hasValue(0);
    }

    @Test
    void leavesTheRemainderToTheConnectionsThread() throws InterruptedException {
        var client = new Client("a");
        await().until(() -> client.thread.getState() == Thread.State.WAITING);
        client.room.set(1);

        broker.publish("a", "1");
        broker.publish("a", "2");

        assertThat(client.toldToTheEnd("a")).containsExactly("1", "2");
        assertThat(client.taken).hasPositiveValue();
    }

    @Test
    void leavesHistoryToTheConnectionsThread() throws InterruptedException {
        int lapping = 3 * LOG_EVENTS;
        var clients = new ArrayList<Client>();
        for (int i = 0; i <= FanOut.INLINE_SUBSCRIBERS; i++) {
            clients.add(new Client("a"));
        }
        for (Client client : clients) {
            await().until(() -> client.thread.getState() == Thread.State.WAITING);
        }
        Set<Thread> historians = ConcurrentHashMap.newKeySet();
        broker.beforeHistory(() -> historians.add(Thread.currentThread()));
        var begun = new CountDownLatch(1);
        var goOn = new CountDownLatch(1);
        beforeWrite =
                () -> {
                    if (begun.getCount() > 0) {
                        begun.countDown();
                        Latches.await(goOn);
                    }
                };

        broker.publish("a", "0");
        Latches.await(begun); // the fan-out thread is held up at its first client
        IntStream.rangeClosed(1, lapping).forEach(i -> broker.publish("a", "" + i));
        goOn.countDown();

        List<String> expected =
                IntStream.rangeClosed(0, lapping).mapToObj(Integer::toString).toList();
        for (Client client : clients) {
            await().until(() -> client.told().size() > lapping);
        }
        for (Client client : clients) {
            assertThat(client.told()).isEqualTo(expected);
        }
        assertThat(historians)
                .containsExactlyInAnyOrderElementsOf(
                        clients.stream().map(client -> client.thread).toList());
    }

    @Test
    void endsAStreamWhoseClientCannotBeWrittenTo() throws InterruptedException {
        var client = new Client("a");
        await().until(() -> client.thread.getState() == Thread.State.WAITING);
        client.failure = new IllegalStateException("connection reset");

        broker.publish("a", "1");

        assertThat(client.thread.join(DEADLINE)).isTrue();
        assertThat(client.outbox().closeReason()).isEqualTo(CloseReason.CLIENT_LEFT);
    }

    @Test
    void endsAStreamWhoseWriterFailsWithAnError() throws InterruptedException {
        var client = new Client("a");
        await().until(() -> client.thread.getState() == Thread.State.WAITING);
        client.failure = new AssertionError("as the test wants it");

        broker.publish("a", "1");

        assertThat(client.thread.join(DEADLINE)).isTrue();
        assertThat(client.outbox().closeReason()).isEqualTo(CloseReason.FAILED);
    }

    @Test
    void closesAnIdleStream() throws InterruptedException {
        var client = new Client("a");
        await().until(() -> client.thread.getState() == Thread.State.WAITING);

        client.outbox().close(CloseReason.SHUTDOWN);

        assertThat(client.thread.join(DEADLINE)).isTrue();
        assertThat(client.direct).hasValue(0);
    }

    /** Threads that pass ownership to each other at any moment lose, repeat and reorder nothing. */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void losesNothingHoweverOftenOwnershipChanges(long seed) throws InterruptedException {
        losesNothing(seed, null);
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void losesNothingWhenOtherThreadsWrite(long seed) throws InterruptedException {
        losesNothing(seed, Thread::startVirtualThread);
    }

    private void losesNothing(long seed, @Nullable Executor executor) throws InterruptedException {
        var random = new Random(seed);
        int count = 5_000;
        var clients = new ArrayList<Client>();
        for (int i = 0; i < 12; i++) { // more than are signalled by the publishing thread
            clients.add(new Client("a", executor));
        }

        for (int i = 1; i <= count; i++) {
            if (i % 7 == 0) {
                clients.get(random.nextInt(clients.size()))
                        .room
                        .set(random.nextBoolean() ? random.nextInt(40) : Integer.MAX_VALUE);
            }
            if (i % 50 == 0) {
                clients.get(random.nextInt(clients.size())).outbox().beat();
            }
            broker.publish("a", "" + i);
        }
        broker.publish("a", Message.builder(new byte[] {'.'}).end(true).build());

        List<String> expected =
                new ArrayList<>(
                        IntStream.rangeClosed(1, count).mapToObj(Integer::toString).toList());
        expected.add(".");
        for (Client client : clients) {
            assertThat(client.thread.join(DEADLINE)).isTrue();
            assertThat(client.told()).isEqualTo(expected);
        }
    }

    /** An event that comes while a thread gives up ownership does not wait for the next one. */
    @Test
    void losesNoEventThatComesWithAHeartbeat() throws InterruptedException {
        var client = new Client("a");
        await().until(() -> client.thread.getState() == Thread.State.WAITING);
        int rounds = 3_000;
        var round = new AtomicInteger();
        Thread publisher =
                Thread.ofPlatform()
                        .start(() -> {
                            for (int i = 1; i <= rounds; i++) {
                                while (round.get() < i) {
                                    Thread.onSpinWait();
                                }
                                broker.publish("a", "" + i);
                            }
                        });

        for (int i = 1; i <= rounds; i++) {
            round.set(i);
            client.outbox().beat();
            long began = System.nanoTime();
            while (client.told().isEmpty()) {
                assertThat(System.nanoTime() - began).isLessThan(DEADLINE.toNanos());
                Thread.onSpinWait();
            }
            client.received.reset();
        }
        assertThat(publisher.join(DEADLINE)).isTrue();
    }
}
