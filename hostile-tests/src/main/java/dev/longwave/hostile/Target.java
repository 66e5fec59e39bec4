package dev.longwave.hostile;

import dev.longwave.broker.testing.ServerProcess;
import dev.longwave.testing.ProcessSnapshot;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** A server of the distribution, as a process with a small heap: what is attacked. */
final class Target implements AutoCloseable {

    /** How long it may take for anything on a busy machine; for waits that succeed. */
    static final Duration TIMEOUT = Duration.ofMinutes(2);

    private static final Path LAUNCHER =
            Path.of(System.getProperty("longwave.home"), "bin", "longwave");
    private static final String HEAP = "-Xmx256m";

    /** So that what must end by a deadline ends within seconds; and what is off by default. */
    private static final List<String> DEFAULTS =
            List.of(
                    "net.read-deadline=PT3S",
                    "net.write-deadline=PT3S",
                    "net.idle-timeout=PT5S",
                    "sse.heartbeat-interval=PT1S",
                    "ws.compression=true");

    private final ServerProcess process = ServerProcess.prepare("target");
    private final List<String> prefix = new ArrayList<>();
    private final List<String> settings = new ArrayList<>(DEFAULTS);
    private String options = HEAP;

    private Target() {}

    /** Starts a server with these settings, as {@code key=value}, and short deadlines. */
    static Target start(String... settings) {
        return new Target().started(settings);
    }

    /** Starts a server that can open no more than {@code max} files and sockets. */
    static Target withDescriptors(int max, String... settings) {
        var target = new Target();
        target.prefix.addAll(
                List.of("/bin/sh", "-c", "ulimit -n \"$0\" && exec \"$@\"", Integer.toString(max)));
        return target.started(settings);
    }

    /** Starts a server that logs what Longwave itself logs, down to DEBUG. */
    static Target talkative(String... settings) throws IOException {
        var target = new Target();
        Path logging = target.process.directory().resolve("logging.properties");
        Files.writeString(
                logging,
                """
                handlers=java.util.logging.ConsoleHandler
                java.util.logging.ConsoleHandler.level=ALL
                java.util.logging.SimpleFormatter.format=%1$tFT%1$tT %4$s %3$s: %5$s%6$s%n
                dev.longwave.level=FINE
                """);
        target.options += " -Djava.util.logging.config.file=" + logging;
        return target.started(settings);
    }

    private Target started(String... more) {
        settings.addAll(List.of(more));
        var command = new ArrayList<>(prefix);
        command.addAll(
                List.of(
                        "/usr/bin/env",
                        "LONGWAVE_JAVA_OPTS=" + options,
                        LAUNCHER.toString(),
                        "serve",
                        "--port",
                        Integer.toString(port()),
                        "--set",
                        "admin.port=0"));
        settings.forEach(setting -> command.addAll(List.of("--set", setting)));
        process.start(command, () -> process.listens() && hasSaidWhereItListens() && isHealthy());
        return this;
    }

    /** What it prints at its start is no part of its log. */
    private boolean hasSaidWhereItListens() {
        return process.log().contains("The admin listener is on ");
    }

    int port() {
        return process.port();
    }

    URI uri(String target) {
        return URI.create("http://127.0.0.1:" + port() + target);
    }

    /** {@return whether it answers a client that connects now} */
    boolean isHealthy() {
        try (Wire wire = Wire.asNeighbour(port())) {
            wire.send("GET /health/ready HTTP/1.1\r\nHost: localhost\r\n\r\n");
            return wire.reply().status() == 200;
        } catch (IOException _) {
            return false;
        }
    }

    boolean isAlive() {
        return process.isAlive();
    }

    /** {@return open files and sockets, cheaply} */
    int descriptors() throws IOException {
        try (Stream<Path> open = Files.list(Path.of("/proc", Long.toString(process.pid()), "fd"))) {
            return Math.toIntExact(open.count());
        }
    }

    /** {@return what it holds now; takes a second or so} */
    ProcessSnapshot snapshot() throws IOException, InterruptedException {
        return ProcessSnapshot.of(process.pid());
    }

    /** {@return what it has logged so far} */
    String log() {
        return process.log();
    }

    /** {@return what it has logged since the log was {@code length} bytes long} */
    String logSince(long length) throws IOException {
        byte[] all = Files.readAllBytes(process.directory().resolve("output.log"));
        return new String(
                all, (int) length, all.length - (int) length, StandardCharsets.ISO_8859_1);
    }

    long logLength() throws IOException {
        return Files.size(process.directory().resolve("output.log"));
    }

    @Override
    public void close() {
        process.close();
    }
}
