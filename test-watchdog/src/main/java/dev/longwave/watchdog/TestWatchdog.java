package dev.longwave.watchdog;

import com.sun.management.HotSpotDiagnosticMXBean;
import com.sun.management.HotSpotDiagnosticMXBean.ThreadDumpFormat;
import java.io.IOException;
import java.io.PrintStream;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.TestIdentifier;
import org.junit.platform.launcher.TestPlan;

/**
 * The only deadline of a test: when no test has started or ended for 20 minutes, it prints which
 * tests are running and the stacks of all threads, virtual ones included, and ends the JVM with
 * exit code 1. Under a debugger it waits for ever.
 *
 * <p>Tests have no time-outs of their own, because how long a test takes depends on the machine.
 * For the same reason, Awaitility waits up to five minutes instead of ten seconds.
 */
public final class TestWatchdog implements TestExecutionListener {
    private static final Duration LIMIT =
            Duration.ofMinutes(Integer.getInteger("longwave.watchdog.minutes", 20));
    private static final Duration AWAITILITY_TIMEOUT = Duration.ofMinutes(5);
    private static final Duration CHECK_PERIOD = Duration.ofSeconds(1);

    /** The time for which Surefire gets to pass on what was printed. */
    private static final Duration OUTPUT_GRACE = Duration.ofSeconds(3);

    private final LongSupplier nanoTime;
    private final Duration limit;
    private final Set<TestIdentifier> running = ConcurrentHashMap.newKeySet();
    private volatile long progress;
    private @Nullable Thread thread; // used by the launcher's thread alone

    /** For the service loader. */
    public TestWatchdog() {
        this(System::nanoTime, LIMIT);
    }

    TestWatchdog(LongSupplier nanoTime, Duration limit) {
        this.nanoTime = nanoTime;
        this.limit = limit;
    }

    @Override
    public void testPlanExecutionStarted(TestPlan plan) {
        Awaitility.setDefaultTimeout(AWAITILITY_TIMEOUT);
        progress = nanoTime.getAsLong();
        if (!isDebugged()) {
            thread = Thread.ofPlatform().name("test watchdog").daemon().start(this::watch);
        }
    }

    @Override
    public void testPlanExecutionFinished(TestPlan plan) {
        if (thread != null) {
            thread.interrupt();
        }
    }

    @Override
    public void executionStarted(TestIdentifier test) {
        progress = nanoTime.getAsLong();
        running.add(test);
    }

    @Override
    public void executionFinished(TestIdentifier test, TestExecutionResult result) {
        progress = nanoTime.getAsLong();
        running.remove(test);
    }

    private void watch() {
        try {
            do {
                Thread.sleep(CHECK_PERIOD);
            } while (nanoTime.getAsLong() - progress < limit.toNanos());
            report(System.err);
            Thread.sleep(OUTPUT_GRACE);
        } catch (InterruptedException _) {
            return; // all tests have ended
        }
        Runtime.getRuntime().halt(1);
    }

    private void report(PrintStream out) {
        out.println("TestWatchdog: no test has started or ended for " + limit + ". Running:");
        for (String test : runningTests()) {
            out.println("TestWatchdog:     " + test);
        }
        try {
            Path dump = Files.createTempDirectory("test-watchdog").resolve("threads.txt");
            ManagementFactory.getPlatformMXBean(HotSpotDiagnosticMXBean.class)
                    .dumpThreads(dump.toString(), ThreadDumpFormat.TEXT_PLAIN);
            Files.readAllLines(dump).forEach(out::println);
        } catch (IOException | RuntimeException e) {
            out.println("TestWatchdog: no thread dump: " + e);
        }
        out.flush();
    }

    private List<String> runningTests() {
        List<String> names = new ArrayList<>();
        for (TestIdentifier test : running) {
            names.add(test.getUniqueId());
        }
        names.sort(null);
        return names;
    }

    private static boolean isDebugged() {
        return ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
                .anyMatch(argument -> argument.startsWith("-agentlib:jdwp"));
    }
}
