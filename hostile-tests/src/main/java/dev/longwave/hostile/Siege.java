package dev.longwave.hostile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.longwave.testing.ProcessSnapshot;
import java.io.IOException;
import java.time.Duration;

/**
 * A server, healthy clients, and one attack after the other. After each, the healthy clients have
 * missed nothing, the server has given back what it took, and its log is as short as before.
 */
final class Siege implements AutoCloseable {

    /** How many events the healthy clients get before an attack. */
    private static final int CALM_EVENTS = 40;

    /** What histories, JIT compilers, pools, and caches may take for good. */
    private static final long MORE_HEAP_BYTES = 20L << 20;

    private static final int MORE_THREADS = 24;
    private static final int MORE_DESCRIPTORS = 12;

    /** A line a minute for each kind of fault. */
    private static final long LOG_BYTES_PER_MINUTE = 1_500;

    private final Target target;
    private final Bystanders bystanders;
    private final ProcessSnapshot before;
    private boolean lost;

    /** What an attacker does, to its end. */
    interface Attack {
        void run() throws Exception;
    }

    private Siege(Target target, Bystanders bystanders, ProcessSnapshot before) {
        this.target = target;
        this.bystanders = bystanders;
        this.before = before;
    }

    /** Begins a siege of a server, which ends with it. */
    static Siege of(Target target) throws IOException, InterruptedException {
        Bystanders bystanders = new Bystanders(target);
        bystanders.watch(CALM_EVENTS);
        return new Siege(target, bystanders, target.snapshot());
    }

    Target target() {
        return target;
    }

    int port() {
        return target.port();
    }

    /** Runs an attack, and fails if anybody but the attacker notices. */
    void withstand(Attack attack) throws Exception {
        withstand(attack, 0);
    }

    /**
     * Runs an attack as the other does, after which the server may keep {@code keptBytes} more of
     * its heap, because settings say so.
     */
    void withstand(Attack attack, long keptBytes) throws Exception {
        lost = true; // until the end
        Bystanders.Baseline calm = bystanders.watch(CALM_EVENTS);
        long logLength = target.logLength();
        long began = System.nanoTime();

        attack.run();

        assertThat(target.isAlive()).as("the server lives").isTrue();
        bystanders.verify(calm);
        await("health").atMost(Target.TIMEOUT).until(target::isHealthy);
        awaitRecovery(MORE_HEAP_BYTES + keptBytes);
        verifyLog(
                target.logSince(logLength),
                1 + Duration.ofNanos(System.nanoTime() - began).toMinutes());
        lost = false;
    }

    /** {@return whether an attack succeeded, so that the next one needs another server} */
    boolean isLost() {
        return lost;
    }

    private static void verifyLog(String logged, long minutes) {
        ServerLog.verify(logged);
        ServerLog.verifySummaries(logged, minutes);
        assertThat((long) logged.length())
                .as("bytes of log: %s", logged)
                .isLessThan((1 + minutes) * LOG_BYTES_PER_MINUTE);
    }

    /** Waits until the server has closed its side of the attackers' connections. */
    void awaitDisconnection() {
        await("descriptors as before: " + before)
                .atMost(Target.TIMEOUT)
                .failFast("the server has died", () -> !target.isAlive())
                .until(() -> target.descriptors() <= before.fileDescriptors() + MORE_DESCRIPTORS);
    }

    /** Waits until the server holds about as little as before the first attack. */
    private void awaitRecovery(long moreHeapBytes) {
        awaitDisconnection();
        await("heap and threads as before: " + before)
                .atMost(Target.TIMEOUT)
                .pollDelay(Duration.ZERO)
                .pollInterval(Duration.ofSeconds(2))
                .until(
                        target::snapshot,
                        now ->
                                now.liveHeapBytes() <= before.liveHeapBytes() + moreHeapBytes
                                        && now.platformThreads()
                                                <= before.platformThreads() + MORE_THREADS
                                        && now.virtualThreads()
                                                <= before.virtualThreads() + MORE_THREADS);
    }

    @Override
    public void close() {
        bystanders.close();
        target.close();
    }
}
