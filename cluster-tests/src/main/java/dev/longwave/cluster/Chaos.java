package dev.longwave.cluster;

import dev.longwave.broker.testing.Bus;
import dev.longwave.broker.testing.FaultProxy;
import dev.longwave.broker.testing.ServerProcess;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.locks.LockSupport;

/**
 * Harms a cluster for a while: one fault after another, each healed before the next. One thread.
 */
final class Chaos {

    private static final System.Logger LOGGER = System.getLogger(Chaos.class.getName());
    private static final int LONGEST_FAULT_MILLIS = 3_000;
    private static final int LONGEST_PEACE_MILLIS = 1_000;

    private final Cluster cluster;
    private final Outages outages;
    private final Random random;
    private final List<Fault> faults = new ArrayList<>();
    private Runnable restoration = () -> {}; // of the server that another one has replaced

    /**
     * A way to harm.
     *
     * @param preparation harms nobody yet
     * @param action returns when the cause is over
     * @param recovery what is to be done, or waited for, after that
     */
    private record Fault(String name, Runnable preparation, Runnable action, Runnable recovery) {

        Fault(String name, Runnable action) {
            this(name, action, () -> {});
        }

        Fault(String name, Runnable action, Runnable recovery) {
            this(name, () -> {}, action, recovery);
        }
    }

    Chaos(Cluster cluster, Outages outages, long seed) {
        this.cluster = cluster;
        this.outages = outages;
        this.random = new Random(seed);
        Bus bus = cluster.bus();
        faults.addAll(
                List.of(
                        new Fault("kill node", this::killNode),
                        new Fault("freeze node", this::freezeNode),
                        new Fault("cut clients", this::cutClients),
                        new Fault("cut ways to the bus", this::cutWays),
                        new Fault("refuse ways to the bus", this::refuseWays),
                        new Fault("lose what goes to the bus", this::blackholeWays),
                        new Fault("kill bus server", this::killServer, bus::awaitHealthy),
                        new Fault("freeze bus server", this::freezeServer, bus::awaitHealthy)));
        if (bus.failsOver()) {
            faults.add(
                    new Fault(
                            "fail over",
                            bus::prepareFailOver,
                            this::failOver,
                            this::restoreServer));
        }
    }

    /**
     * Does each kind of harm once in an order by chance, and again until the time is over. In some
     * of the rounds, each fault finds the publishers at work, and its outage is measured; in the
     * others, it may come while they still suffer from the one before.
     */
    void rage(Duration time) {
        long end = System.nanoTime() + time.toNanos();
        int done = 0;
        while (done < faults.size() || System.nanoTime() < end) {
            int offset = random.nextInt(faults.size());
            boolean measured = random.nextBoolean();
            for (int i = 0; i < faults.size(); i++) {
                // 5 and the number of faults have no common divisor: each comes once in a round.
                Fault fault = faults.get((offset + 5 * i) % faults.size());
                if (done++ >= faults.size() && System.nanoTime() >= end) {
                    return;
                }
                LOGGER.log(System.Logger.Level.INFO, "fault: {0}", fault.name());
                if (measured) {
                    measure(fault);
                } else {
                    fault.preparation().run();
                    fault.action().run();
                }
                fault.recovery().run();
                pause(LONGEST_PEACE_MILLIS);
            }
        }
    }

    private void measure(Fault fault) {
        fault.preparation().run();
        outages.settle();
        long start = System.nanoTime();
        fault.action().run();
        outages.add(fault.name(), Duration.ofNanos(System.nanoTime() - start));
    }

    private void killNode() {
        ServerProcess process = anyNode().process();
        process.kill();
        pause(LONGEST_FAULT_MILLIS);
        process.restart();
    }

    private void freezeNode() {
        freeze(anyNode().process());
    }

    private void cutClients() {
        anyNode().door().cut();
    }

    private void cutWays() {
        anyWays().forEach(FaultProxy::cut);
    }

    private void refuseWays() {
        List<FaultProxy> ways = anyWays();
        ways.forEach(FaultProxy::refuse);
        pause(LONGEST_FAULT_MILLIS);
        ways.forEach(FaultProxy::heal);
    }

    private void blackholeWays() {
        List<FaultProxy> ways = anyWays();
        ways.forEach(FaultProxy::blackhole);
        pause(LONGEST_FAULT_MILLIS);
        if (random.nextBoolean()) {
            ways.forEach(FaultProxy::cut);
        }
        ways.forEach(FaultProxy::heal);
    }

    private void killServer() {
        ServerProcess server = anyServer();
        server.kill();
        pause(LONGEST_FAULT_MILLIS);
        server.restart();
    }

    private void freezeServer() {
        freeze(anyServer());
    }

    private void failOver() {
        restoration = cluster.bus().failOver();
    }

    private void restoreServer() {
        restoration.run();
        cluster.bus().awaitHealthy();
    }

    private void freeze(ServerProcess process) {
        process.freeze();
        pause(LONGEST_FAULT_MILLIS);
        process.thaw();
    }

    private Node anyNode() {
        return cluster.nodes().get(random.nextInt(cluster.nodes().size()));
    }

    private List<FaultProxy> anyWays() {
        return cluster.bus().ways(random.nextInt(cluster.nodes().size()));
    }

    private ServerProcess anyServer() {
        List<ServerProcess> servers = cluster.bus().servers();
        return servers.get(random.nextInt(servers.size()));
    }

    /** How long a fault lasts is part of the fault; nothing waits for what it brings about. */
    private void pause(int mostMillis) {
        LockSupport.parkNanos(Duration.ofMillis(random.nextInt(mostMillis)).toNanos());
    }
}
