package dev.longwave.load;

import java.io.IOException;
import java.nio.file.Files;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import picocli.CommandLine;

/** Loads one server with one scenario, and reports. */
public final class Load {
    private static final long CONNECT_GRACE = TimeUnit.SECONDS.toNanos(30);
    private static final long LONGEST_DRAIN = TimeUnit.SECONDS.toNanos(10);
    private static final long PUBLISHER_POLL = TimeUnit.MILLISECONDS.toNanos(1);
    private static final long IDLE_SETTLE = TimeUnit.MILLISECONDS.toNanos(500);
    private static final double NANOS_PER_SECOND = 1e9;

    private final Options options;
    private final EventLoop loop;
    private final Failures failures = new Failures();
    private final Flow flow;
    private final Optional<Probe> probe;
    private final Subscribers subscribers;

    private Load(Options options) throws IOException {
        this.options = options;
        loop = new EventLoop();
        Optional<TlsClient.Shared> tls = TlsClient.Shared.of(options);
        var connector = new Connector(loop, options.address, options.localAddresses, tls);
        var requests = Requests.of(options);
        // Each run has topics of its own, so that no history of an earlier one is in the way.
        String prefix = "load-" + Integer.toHexString(ThreadLocalRandom.current().nextInt()) + "-";
        List<Topic> topics =
                IntStream.range(0, options.topics)
                        .mapToObj(i -> new Topic(prefix + i, options.remembered()))
                        .toList();
        var publishingConnector =
                new Connector(
                        loop,
                        options.publishAddress.orElse(options.address),
                        options.localAddresses,
                        tls);
        Optional<SocketPublishing> sockets =
                options.publish == Options.Publish.SOCKETS
                        ? Optional.of(new SocketPublishing(requests, failures))
                        : Optional.empty();
        flow = flow(topics, publishing(sockets, publishingConnector, requests));
        probe =
                options.probeTopic.isPresent()
                        ? Optional.of(new Probe(options, prefix + options.probeTopic.get()))
                        : Optional.empty();
        subscribers =
                new Subscribers(
                        loop, options, connector, requests, failures, sockets, flow, topics);
    }

    private Publishing publishing(
            Optional<SocketPublishing> sockets, Connector connector, Requests requests)
            throws IOException {
        if (sockets.isPresent()) {
            return sockets.get();
        }
        return options.publish == Options.Publish.STREAM
                ? new StreamPublishing(loop, connector, requests, options.publishers, failures)
                : new PostPublishing(loop, connector, requests, failures, options.publishers);
    }

    private Flow flow(List<Topic> topics, Publishing publishing) {
        return options.rate > 0
                ? Flow.atRate(loop, topics, publishing, options.rate)
                : Flow.saturating(loop, topics, publishing, options.window);
    }

    private Report run() throws IOException {
        var report = new Report(options);
        Memory before = Memory.now(options.pids);
        long began = loop.now();
        long connectUntil =
                began
                        + CONNECT_GRACE
                        + (long) (options.connections * NANOS_PER_SECOND / options.connectRate);
        while (!subscribers.isComplete() && loop.now() < connectUntil) {
            turn(connectUntil);
        }
        report.connected((loop.now() - began) / NANOS_PER_SECOND);
        runFor(options.idle ? nanos(options.warmupSeconds) : IDLE_SETTLE);
        report.memory(before, Memory.now(options.pids));
        if (options.idle) {
            measureHeartbeats(report);
        } else {
            load(report);
        }
        report.subscribers(subscribers.counts(), subscribers.shortLived());
        report.failures(failures);
        return report;
    }

    private void measureHeartbeats(Report report) throws IOException {
        if (options.ownCore) {
            loop.stayAwake();
        }
        CpuTime cpu = CpuTime.of(options.pids);
        CpuTime ownCpu = ownCpu();
        MachineTime machine = MachineTime.now();
        long heartbeats = flow.recorder().comments();
        long from = loop.now();
        runFor(nanos(options.seconds));
        long to = loop.now();
        report.heartbeats(
                (to - from) / NANOS_PER_SECOND,
                flow.recorder().comments() - heartbeats,
                CpuTime.of(options.pids).since(cpu),
                ownCpu().since(ownCpu));
        report.machine(MachineTime.now().since(machine));
    }

    private void load(Report report) throws IOException {
        if (options.ownCore) {
            loop.stayAwake();
        }
        System.gc(); // now rather than while latencies are taken
        long readyUntil = loop.now() + CONNECT_GRACE;
        while (!flow.isReady() && loop.now() < readyUntil) {
            turn(loop.now() + PUBLISHER_POLL);
        }
        flow.warmUp();
        probe.ifPresent(Probe::start);
        subscribers.startChurn();
        runFor(nanos(options.warmupSeconds / 2));
        flow.start();
        runFor(nanos(options.warmupSeconds / 2));

        CpuTime cpu = CpuTime.of(options.pids);
        CpuTime ownCpu = ownCpu();
        MachineTime machine = MachineTime.now();
        long idle = loop.idleNanos();
        long delivered = flow.recorder().delivered();
        long from = loop.now();
        flow.recorder().measureFrom(from);
        probe.ifPresent(Probe::measureFromNow);
        runFor(nanos(options.seconds));
        long to = loop.now();
        flow.recorder().measureTo(to);
        probe.ifPresent(Probe::measureToNow);
        cpu = CpuTime.of(options.pids).since(cpu);
        ownCpu = ownCpu().since(ownCpu);
        machine = MachineTime.now().since(machine);
        idle = loop.idleNanos() - idle;
        delivered = flow.recorder().delivered() - delivered;
        report.memoryUnderLoad(Memory.now(options.pids));

        drain();
        Optional<Recorder> probed = probe.map(Probe::end);
        long probeDelivered = probed.map(r -> r.micros().getTotalCount()).orElse(0L);
        report.measured(
                (to - from) / NANOS_PER_SECOND, delivered, probeDelivered, cpu, ownCpu, idle);
        report.machine(machine);
        report.flow("", flow.recorder());
        probed.ifPresent(recorder -> report.flow("probe.", recorder));
    }

    private static CpuTime ownCpu() {
        return CpuTime.of(List.of(ProcessHandle.current().pid()));
    }

    private void drain() throws IOException {
        flow.stop();
        long until = loop.now() + LONGEST_DRAIN;
        while (flow.recorder().isWaiting() && loop.now() < until) {
            turn(until);
        }
    }

    private void runFor(long nanos) throws IOException {
        long until = loop.now() + nanos;
        while (loop.now() < until) {
            turn(until);
        }
    }

    private void turn(long until) throws IOException {
        loop.turn(Math.min(until, Math.min(flow.pump(), subscribers.pump())));
    }

    private static long nanos(double seconds) {
        return (long) (seconds * NANOS_PER_SECOND);
    }

    /** The command. */
    public static void main(String[] args) throws IOException {
        var options = new Options();
        var command = new CommandLine(options).setCaseInsensitiveEnumValuesAllowed(true);
        Optional<Integer> done = parse(command, args);
        if (done.isPresent()) {
            System.exit(done.get());
        }
        Optional<String> mistake = options.mistake();
        if (mistake.isPresent()) {
            System.err.println("load: " + mistake.get());
            System.exit(CommandLine.ExitCode.USAGE);
        }
        Report report = new Load(options).run();
        System.out.print(report.text());
        if (options.json.isPresent()) {
            Files.writeString(options.json.get(), report.json());
        }
    }

    private static Optional<Integer> parse(CommandLine command, String... args) {
        try {
            command.parseArgs(args);
            return command.isUsageHelpRequested() ? Optional.of(help(command)) : Optional.empty();
        } catch (CommandLine.ParameterException e) {
            System.err.println("load: " + e.getMessage());
            return Optional.of(CommandLine.ExitCode.USAGE);
        }
    }

    private static int help(CommandLine command) {
        command.usage(System.out);
        return CommandLine.ExitCode.OK;
    }
}
