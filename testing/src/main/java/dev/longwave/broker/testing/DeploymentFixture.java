package dev.longwave.broker.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeFalse;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.longwave.broker.Broker;
import dev.longwave.broker.BrokerContext;
import dev.longwave.broker.BrokerFactory;
import dev.longwave.broker.BrokerProvider;
import dev.longwave.broker.BrokerState;
import dev.longwave.broker.BrokerStatus;
import dev.longwave.broker.Capability;
import dev.longwave.broker.Coverage;
import dev.longwave.broker.Entry;
import dev.longwave.broker.Message;
import dev.longwave.broker.Page;
import dev.longwave.broker.Position;
import dev.longwave.broker.Settings;
import dev.longwave.broker.Start;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.awaitility.core.ConditionFactory;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;

/**
 * The nodes of one deployment, created for one test and closed after it. A broker's test overrides
 * what is particular to that broker.
 */
public abstract class DeploymentFixture {

    protected static final Duration TIMEOUT = Duration.ofMinutes(5);
    protected static final int ALL = Integer.MAX_VALUE;

    /** What the nodes of a test class declare, which is always the same. */
    private static final Map<Class<?>, Set<Capability>> DECLARED = new ConcurrentHashMap<>();

    /** The clock of all nodes. */
    protected final TestClock clock = new TestClock();

    /** A topic that no other test uses. */
    protected final String topic =
            "contract/" + Long.toUnsignedString(ThreadLocalRandom.current().nextLong(), 36);

    private final List<Broker> nodes = new ArrayList<>();
    private final Map<Broker, Queue<BrokerStatus>> statuses = new HashMap<>();
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();

    /** {@return the provider under test} */
    protected abstract BrokerProvider provider();

    /**
     * {@return the settings by which the next node finds the servers and the other nodes} Called
     * for each node, so each can have a proxy of its own.
     */
    protected Map<String, String> deployment() {
        return Map.of();
    }

    /**
     * {@return the settings with which a topic keeps its newest {@code entries} entries, or some
     * more, and loses those before} Tests of a broker that keeps entries by age alone give its
     * shortest retention here, and override {@link #trim}.
     *
     * <p>In service, a log keeps an entry for ten resync periods, or says how it loses one sooner:
     * {@link dev.longwave.broker.feed.SharedLog}. These tests do not wait so long. They only look
     * at what history says of entries that are gone, whether number or age was the reason.
     */
    protected abstract Map<String, String> settingsToKeep(int entries);

    /**
     * Makes the log of a topic lose its older entries, if {@link #settingsToKeep} alone does not:
     * such as by giving them an older time on the server. At least 5 of the newest entries stay,
     * and so do the entries of other topics. Tests call it after publishing ten more, until the log
     * has lost some.
     */
    protected void trim(String topic) {}

    /** {@return whether the log never loses an entry, so that there is nothing to say of one} */
    protected boolean keepsEverything() {
        return false;
    }

    /**
     * Lets at least this much of the broker's time pass, for what expires and for the times of
     * entries: milliseconds, and for leases and claims a few seconds.
     *
     * <p>The default is right for a broker that takes its time from {@link BrokerContext#clock()}.
     * If the servers have the time, override it: best make what they store older; otherwise sleep,
     * which this method may do.
     */
    protected void passTime(Duration time) {
        clock.advance(time);
    }

    /**
     * Called with each node once it is connected. Since {@link #deployment()} was called just
     * before, this is where to note which proxy is the node's, for {@link BrokerFaults#inject}.
     */
    protected void connected(Broker node) {}

    /** {@return what can be broken; nothing unless overridden} */
    protected Optional<BrokerFaults> faults() {
        return Optional.empty();
    }

    /**
     * {@return whether a broker with patterns can tell if what its log has lost was of a topic that
     * the pattern matches; if not, it says TRIMMED when in doubt}
     */
    protected boolean knowsWhoseEntriesAreLost() {
        return true;
    }

    /** {@return a node with default settings} */
    protected final Broker createNode() {
        return createNode(Map.of());
    }

    /** {@return a node with these settings, which are named as below {@code broker.<type>}} */
    protected final Broker createNode(Map<String, String> settings) {
        String section = "broker." + provider().type();
        var values = new HashMap<String, String>();
        deployment().forEach((key, value) -> values.put(section + '.' + key, value));
        settings.forEach((key, value) -> values.put(section + '.' + key, value));
        var read = new Settings(values).section(section);
        BrokerFactory factory = provider().settings(read);
        read.refuseUnknown();
        var seen = new ConcurrentLinkedQueue<BrokerStatus>();
        Broker node =
                factory.connect(
                        BrokerContext.builder("node-" + (nodes.size() + 1))
                                .clock(clock)
                                .onStatus(seen::add)
                                .build());
        nodes.add(node);
        statuses.put(node, seen);
        connected(node);
        return node;
    }

    /** {@return the states that the node reported, oldest first} */
    protected final List<BrokerState> states(Broker node) {
        return statuses(node).stream().map(BrokerStatus::state).toList();
    }

    /** {@return what the node reported of its states, oldest first} */
    protected final List<BrokerStatus> statuses(Broker node) {
        Queue<BrokerStatus> seen = statuses.get(node);
        return seen == null ? List.of() : List.copyOf(seen);
    }

    /**
     * Skips the test unless the broker declares {@code capability}. To be called before the test
     * creates a node, which costs time.
     */
    protected final void needs(Capability capability) {
        Set<Capability> most = provider().capabilities();
        assumeTrue(most.isEmpty() || most.contains(capability), "not declared: " + capability);
        Set<Capability> declared =
                DECLARED.computeIfAbsent(
                        getClass(),
                        _ -> {
                            try (Broker node = createNode()) {
                                return node.capabilities();
                            }
                        });
        assumeTrue(declared.contains(capability), "not declared: " + capability);
    }

    /** Skips the test unless {@code node}, which exists already, declares {@code capability}. */
    protected static void needs(Broker node, Capability capability) {
        assumeTrue(node.capabilities().contains(capability), "not declared: " + capability);
    }

    /** Skips the test if {@code fault} cannot be made; to be called first, too. */
    protected final void needs(BrokerFaults.Fault fault) {
        assumeTrue(
                faults().map(BrokerFaults::possible).orElse(Set.of()).contains(fault),
                "cannot be made here: " + fault);
    }

    /** Skips the test if the log never loses an entry. */
    protected final void needsTrimming() {
        assumeFalse(keepsEverything(), "loses nothing");
    }

    /** Makes a fault, or skips the test if it cannot be made. */
    protected final BrokerFaults.Injected inject(BrokerFaults.Fault fault, Broker node) {
        needs(fault);
        return faults().orElseThrow().inject(fault, node);
    }

    /** {@return a message that is nothing but this text} */
    protected static Message text(String text) {
        return Message.of(text.getBytes(StandardCharsets.UTF_8));
    }

    /** {@return a message with this text, and an id for deduplication} */
    protected static Message text(String text, String id) {
        return Message.builder(text.getBytes(StandardCharsets.UTF_8)).id(id).build();
    }

    /** Publishes {@code from}, …, {@code to}, and returns their positions. */
    protected final List<Position> publishNumbers(Broker node, int from, int to) {
        var positions = new ArrayList<Position>();
        for (int i = from; i <= to; i++) {
            positions.add(node.publish(topic, text(Integer.toString(i))).position());
        }
        return positions;
    }

    /** {@return the texts {@code from}, …, {@code to}} */
    protected static List<String> numbers(int from, int to) {
        var texts = new ArrayList<String>();
        for (int i = from; i <= to; i++) {
            texts.add(Integer.toString(i));
        }
        return texts;
    }

    /** {@return all pages of the topic after {@code start} up to {@code until}, put together} */
    protected final List<Entry> readAll(Broker node, Start start, @Nullable Position until) {
        return readAll(node, topic, start, until);
    }

    /** {@return all pages of {@code name}, a topic or a pattern, put together} */
    protected static List<Entry> readAll(
            Broker node, String name, Start start, @Nullable Position until) {
        var entries = new ArrayList<Entry>();
        Page page = node.history(name, start, until, 100, ALL);
        entries.addAll(page.entries());
        while (page.more()) {
            page = node.history(name, Start.after(page.end()), until, 100, ALL);
            assertThat(page.coverage()).isEqualTo(Coverage.COMPLETE);
            entries.addAll(page.entries());
        }
        return entries;
    }

    /** Runs {@code task} in a thread of its own. */
    protected final Future<?> run(Runnable task) {
        return threads.submit(task);
    }

    /** Waits until all of them have ended, and fails as they failed. */
    protected static void join(Iterable<? extends Future<?>> tasks) throws Exception {
        for (Future<?> task : tasks) {
            task.get(TIMEOUT.toSeconds(), TimeUnit.SECONDS);
        }
    }

    /** Waits until {@code condition} holds, or fails. */
    protected static void awaitThat(String what, BooleanSupplier condition) {
        eventually(what).until(condition::getAsBoolean);
    }

    /** {@return a wait that polls in the calling thread} */
    protected static ConditionFactory eventually(String what) {
        return await(what)
                .atMost(TIMEOUT)
                .pollInSameThread()
                .pollDelay(Duration.ZERO)
                .pollInterval(Duration.ofMillis(5));
    }

    @AfterEach
    protected final void closeDeployment() {
        threads.shutdownNow();
        nodes.forEach(Broker::close);
    }
}
