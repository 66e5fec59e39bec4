package dev.longwave.broker.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.longwave.broker.Broker;
import dev.longwave.broker.Entry;
import dev.longwave.broker.EphemeralMessage;
import dev.longwave.broker.GapReason;
import dev.longwave.broker.Position;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/**
 * A sink that keeps what it is given, and notes whether it is called as {@link Broker.Sink} says.
 */
public final class RecordingSink implements Broker.Sink {

    private static final Duration TIMEOUT = Duration.ofMinutes(5);

    private final Consumer<Entry> onMessage;
    private final AtomicInteger calls = new AtomicInteger(); // running just now
    private final List<Entry> entries = new ArrayList<>(); // both lists guarded by this
    private final List<Hole> gaps = new ArrayList<>();
    private final List<EphemeralMessage> ephemeral = new ArrayList<>(); // guarded by this, too
    private final List<Position> deleted = new ArrayList<>(); // and this one
    private volatile boolean overlapped;
    private volatile boolean closed;
    private volatile boolean calledAfterClose;

    /**
     * A gap that the sink was told of.
     *
     * @param entriesBefore how many messages came before it
     */
    public record Hole(Position after, Position before, GapReason reason, int entriesBefore) {}

    /** A sink that only records. */
    public RecordingSink() {
        this(_ -> {});
    }

    /** A sink that records each message and then calls {@code onMessage}. */
    public RecordingSink(Consumer<Entry> onMessage) {
        this.onMessage = onMessage;
    }

    @Override
    public void message(Entry entry) {
        enter();
        try {
            synchronized (this) {
                entries.add(entry);
            }
            linger();
            onMessage.accept(entry);
        } finally {
            calls.decrementAndGet();
        }
    }

    @Override
    public void gap(Position after, Position before, GapReason reason) {
        enter();
        try {
            synchronized (this) {
                gaps.add(new Hole(after, before, reason, entries.size()));
            }
        } finally {
            calls.decrementAndGet();
        }
    }

    @Override
    public void ephemeral(EphemeralMessage message) {
        enter();
        try {
            synchronized (this) {
                ephemeral.add(message);
            }
            linger();
        } finally {
            calls.decrementAndGet();
        }
    }

    @Override
    public void deleted(Position upTo) {
        enter();
        try {
            synchronized (this) {
                deleted.add(upTo);
            }
        } finally {
            calls.decrementAndGet();
        }
    }

    /** Says that the subscription was closed: from now on a call is a mistake. */
    public void expectNoMore() {
        closed = true;
        if (calls.get() != 0) {
            calledAfterClose = true;
        }
    }

    /** {@return the entries so far} */
    public synchronized List<Entry> entries() {
        return List.copyOf(entries);
    }

    /** {@return the gaps so far} */
    public synchronized List<Hole> gaps() {
        return List.copyOf(gaps);
    }

    /** {@return up to where it was told to forget, each time} */
    public synchronized List<Position> deleted() {
        return List.copyOf(deleted);
    }

    /** {@return the ephemeral messages so far} */
    public synchronized List<EphemeralMessage> ephemeral() {
        return List.copyOf(ephemeral);
    }

    /** {@return the data of the ephemeral messages so far, as UTF-8} */
    public List<String> ephemeralTexts() {
        return ephemeral().stream()
                .map(message -> new String(message.message().data(), StandardCharsets.UTF_8))
                .toList();
    }

    /** Waits for an ephemeral message with this text. */
    public void awaitEphemeral(String text) {
        await("ephemeral message " + text)
                .atMost(TIMEOUT)
                .pollInSameThread()
                .pollInterval(Duration.ofMillis(2))
                .until(() -> ephemeralTexts().contains(text));
    }

    /** {@return the data of the entries so far, as UTF-8} */
    public List<String> texts() {
        return texts(entries());
    }

    /** {@return the positions of the entries so far} */
    public List<Position> positions() {
        return entries().stream().map(Entry::position).toList();
    }

    /** {@return the data of {@code entries}, as UTF-8} */
    public static List<String> texts(List<Entry> entries) {
        return entries.stream()
                .map(entry -> new String(entry.message().data(), StandardCharsets.UTF_8))
                .toList();
    }

    /** Waits for at least {@code count} messages. */
    public void awaitCount(int count) {
        await("messages")
                .atMost(TIMEOUT)
                .pollInSameThread()
                .pollInterval(Duration.ofMillis(2))
                .until(this::count, seen -> seen >= count);
    }

    /** Waits for a message with this text. */
    public void awaitText(String text) {
        await("message " + text)
                .atMost(TIMEOUT)
                .pollInSameThread()
                .pollInterval(Duration.ofMillis(2))
                .until(() -> texts().contains(text));
    }

    /** Checks that the calls came one at a time, in order, and none after the end. */
    public void assertCalledProperly() {
        assertThat(overlapped).as("sink called by two threads at once").isFalse();
        assertThat(calledAfterClose).as("sink called after its subscription was closed").isFalse();
        List<Position> positions = positions();
        Set<Integer> restarts =
                gaps().stream()
                        .filter(gap -> restartsOrder(gap.reason()))
                        .map(Hole::entriesBefore)
                        .collect(Collectors.toSet());
        for (int i = 1; i < positions.size(); i++) {
            if (restarts.contains(i)) {
                continue;
            }
            assertThat(positions.get(i).isAfter(positions.get(i - 1)))
                    .as("%s comes after %s", positions.get(i), positions.get(i - 1))
                    .isTrue();
        }
    }

    /** {@return whether the positions after such a gap may be before those ahead of it} */
    private static boolean restartsOrder(GapReason reason) {
        return switch (reason) {
            case LOG_LOST, EPOCH_CHANGED -> true;
            case EXPIRED, NO_HISTORY, DELETED, SKIPPED -> false;
        };
    }

    private synchronized int count() {
        return entries.size();
    }

    /** Stays a moment, so that a broker that calls from two threads is caught. */
    private static void linger() {
        for (int i = 0; i < 20; i++) {
            Thread.onSpinWait();
        }
    }

    private void enter() {
        if (calls.getAndIncrement() != 0) {
            overlapped = true;
        }
        if (closed) {
            calledAfterClose = true;
        }
    }
}
