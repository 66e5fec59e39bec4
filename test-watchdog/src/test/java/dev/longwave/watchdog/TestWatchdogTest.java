package dev.longwave.watchdog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.platform.launcher.core.LauncherConfig;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;
import org.junit.platform.launcher.listeners.SummaryGeneratingListener;

final class TestWatchdogTest {
    @Test
    void aHangEndsWithTheNameOfTheTestAndTheStacksOfVirtualThreads() throws Exception {
        Result result = runTests(HangingTests.class);

        assertThat(result.exitCode()).isEqualTo(1);
        assertThat(result.output())
                .contains("no test has started or ended for PT1M")
                .contains("HangingTests]/[method:waitsForAVirtualThread()]")
                .contains("stuckInAVirtualThread");
    }

    @Test
    void testsThatTogetherTakeLongerThanTheLimitMayGoOn() throws Exception {
        Result result = runTests(LongTests.class);

        assertThat(result.output()).contains("2 tests succeeded");
        assertThat(result.exitCode()).isZero();
    }

    @Test
    void watchesTheTestsOfThisModule() {
        assertThat(Thread.getAllStackTraces().keySet())
                .extracting(Thread::getName)
                .contains("test watchdog");
    }

    @Test
    void awaitilityWaitsForMinutes() {
        var left = new AtomicLong();

        await().conditionEvaluationListener(condition -> left.set(condition.getRemainingTimeInMS()))
                .until(() -> true);

        assertThat(left.get()).isGreaterThan(Duration.ofMinutes(4).toMillis());
    }

    private record Result(int exitCode, String output) {}

    private static Result runTests(Class<?> tests) throws IOException, InterruptedException {
        Process process =
                new ProcessBuilder(
                                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                                "-cp",
                                System.getProperty("java.class.path"),
                                Child.class.getName(),
                                tests.getName())
                        .redirectErrorStream(true)
                        .start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        return new Result(process.waitFor(), output);
    }

    /** A JVM that runs the tests of one class, which move the watchdog's time. */
    static final class Child {
        private static final Duration LIMIT = Duration.ofMinutes(1);
        private static final AtomicLong now = new AtomicLong();
        private static final AtomicLong checks = new AtomicLong();

        private Child() {}

        public static void main(String[] arguments) throws ClassNotFoundException {
            var config =
                    LauncherConfig.builder()
                            .enableTestExecutionListenerAutoRegistration(false)
                            .build();
            var request =
                    LauncherDiscoveryRequestBuilder.request()
                            .selectors(selectClass(Class.forName(arguments[0])))
                            .build();
            var summary = new SummaryGeneratingListener();
            LauncherFactory.create(config)
                    .execute(request, new TestWatchdog(Child::nanoTime, LIMIT), summary);
            System.out.println(summary.getSummary().getTestsSucceededCount() + " tests succeeded");
        }

        static void passTime(Duration time) {
            now.addAndGet(time.toNanos());
        }

        /** Waits until the watchdog has seen the time after the last call of {@link #passTime}. */
        static void awaitCheck() {
            long seen = checks.get();
            await().until(() -> checks.get() > seen + 1);
        }

        private static long nanoTime() {
            if (Thread.currentThread().getName().equals("test watchdog")) {
                checks.incrementAndGet();
            }
            return now.get();
        }
    }

    static final class HangingTests {
        @Test
        void waitsForAVirtualThread() throws InterruptedException {
            Thread.ofVirtual().start(HangingTests::stuckInAVirtualThread).join();
        }

        private static void stuckInAVirtualThread() {
            Child.passTime(Child.LIMIT);
            try {
                new CountDownLatch(1).await();
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
        }
    }

    static final class LongTests {
        @Test
        void first() {
            takeLong();
        }

        @Test
        void second() {
            takeLong();
        }

        private static void takeLong() {
            Child.passTime(Child.LIMIT.minusSeconds(1));
            Child.awaitCheck();
        }
    }
}
