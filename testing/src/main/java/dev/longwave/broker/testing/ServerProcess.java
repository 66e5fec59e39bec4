package dev.longwave.broker.testing;

import static org.awaitility.Awaitility.await;

import dev.longwave.testing.Directories;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import org.awaitility.core.ConditionTimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * A server as a process of its own, with a directory and a port that stay the same when it is
 * killed and started again.
 *
 * <p>Whatever is done to it is done to the processes that it started, too. Closing it, and the end
 * of the JVM, kill it and delete its directory. For one thread at a time.
 */
public final class ServerProcess implements AutoCloseable {

    private static final Duration DEADLINE = Duration.ofMinutes(5);
    private static final int LOGGED_BYTES_SHOWN = 4_000;

    /** Stopped, by a signal or a tracer, or ended: a stopped parent does not reap its children. */
    private static final String STOPPED = "TtZX";

    private final String name;
    private final Path directory;
    private final int port;
    private final Thread atExit;

    private List<String> command = List.of();
    private BooleanSupplier ready = () -> true;
    private volatile @Nullable Process process; // the thread at exit reads it, too

    private ServerProcess(String name, Path directory, int port) {
        this.name = name;
        this.directory = directory;
        this.port = port;
        this.atExit = Thread.ofPlatform().name("kill " + name).unstarted(this::destroy);
    }

    /** {@return a server that is not started yet, with an empty directory and a free port} */
    public static ServerProcess prepare(String name) {
        try {
            Path directory = Files.createTempDirectory("longwave-" + name + '-');
            var server = new ServerProcess(name, directory, FreePort.find());
            Runtime.getRuntime().addShutdownHook(server.atExit);
            return server;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** {@return the directory for all its files, in which it runs} */
    public Path directory() {
        return directory;
    }

    /** {@return the port of loopback that it is to listen on} */
    public int port() {
        return port;
    }

    /**
     * Starts it, and waits until it is ready; {@link #restart()} will do the same. Where this
     * fails, it is closed.
     *
     * @param command the program and its arguments
     * @param ready asked again and again
     * @throws IllegalStateException if it ends, or is not ready in time; the message shows its log
     */
    public void start(List<String> command, BooleanSupplier ready) {
        if (isAlive()) {
            throw new IllegalStateException("started already: " + name);
        }
        this.command = List.copyOf(command);
        this.ready = ready;
        try {
            launch();
            awaitReady();
        } catch (RuntimeException e) {
            close();
            throw e;
        }
    }

    /** As the other, ready as soon as it listens. */
    public void start(List<String> command) {
        start(command, this::listens);
    }

    /** Kills it if it is alive, starts it as before, and waits until it is ready. */
    public void restart() {
        if (command.isEmpty()) {
            throw new IllegalStateException("never started: " + name);
        }
        kill();
        launch();
        awaitReady();
    }

    /** Kills it without warning, as by {@code kill -9}, and returns once it is gone. */
    public void kill() {
        Process started = process;
        if (started == null || !started.isAlive()) {
            return;
        }
        // Stopped first, so that it has no more children than those that are found.
        signal("STOP", started.toHandle());
        List<ProcessHandle> children = started.descendants().toList();
        started.destroyForcibly();
        children.forEach(ProcessHandle::destroyForcibly);
        eventually(
                "death of " + name,
                () -> !started.isAlive() && children.stream().allMatch(ServerProcess::isGone));
    }

    /** Asks it to end, as by {@code kill -TERM}, and returns once it is gone. */
    public void stop() {
        signal("TERM", alive().toHandle());
        eventually("end of " + name, () -> !isAlive());
    }

    /**
     * Makes it stand still, as by {@code kill -STOP}: its connections stay, and nothing answers.
     */
    public void freeze() {
        ProcessHandle root = alive().toHandle();
        signal("STOP", root);
        root.descendants().forEach(child -> signal("STOP", child));
        // Each thread stops when it is interrupted, which on a busy machine is some time after the
        // signal.
        eventually(
                "stopped",
                () -> isStopped(root) && root.descendants().allMatch(ServerProcess::isStopped));
    }

    /** Lets it go on after {@link #freeze()}. */
    public void thaw() {
        ProcessHandle root = alive().toHandle();
        root.descendants().forEach(child -> signal("CONT", child));
        signal("CONT", root);
    }

    /** {@return whether its process is there, frozen or not} */
    public boolean isAlive() {
        Process started = process;
        return started != null && started.isAlive();
    }

    /** {@return the id of its process} */
    public long pid() {
        return alive().pid();
    }

    /** {@return whether something accepts connections at its port} */
    public boolean listens() {
        try (var _ = new Socket(InetAddress.getLoopbackAddress(), port)) {
            return true;
        } catch (IOException _) {
            return false;
        }
    }

    /** {@return what it printed, since it was started first} */
    public String log() {
        try {
            return Files.exists(output())
                    ? new String(Files.readAllBytes(output()), StandardCharsets.UTF_8)
                    : "";
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Kills it, and deletes its directory, even in a thread that is interrupted. */
    @Override
    public void close() {
        boolean interrupted = Thread.interrupted();
        try {
            destroy();
        } finally {
            forgetAtExit();
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private void forgetAtExit() {
        try {
            Runtime.getRuntime().removeShutdownHook(atExit);
        } catch (IllegalStateException _) {
            // The JVM ends already.
        }
    }

    private void destroy() {
        kill();
        deleteDirectory();
    }

    private void launch() {
        try {
            var builder =
                    new ProcessBuilder(command)
                            .directory(directory.toFile())
                            .redirectErrorStream(true)
                            .redirectOutput(ProcessBuilder.Redirect.appendTo(output().toFile()));
            // Whoever runs the tests may have a node's settings in the environment.
            builder.environment().keySet().removeIf(name -> name.startsWith("LONGWAVE_"));
            process = builder.start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void awaitReady() {
        try {
            eventually(
                    "start of " + name,
                    () -> {
                        if (!isAlive()) {
                            throw new IllegalStateException(name + " ended while it started");
                        }
                        return ready.getAsBoolean();
                    });
        } catch (ConditionTimeoutException | IllegalStateException e) {
            throw new IllegalStateException(
                    e.getMessage() + ' ' + command + "; its log:\n" + endOfLog(), e);
        }
    }

    private String endOfLog() {
        String log = log();
        return log.substring(Math.max(0, log.length() - LOGGED_BYTES_SHOWN));
    }

    private Path output() {
        return directory.resolve("output.log");
    }

    private Process alive() {
        Process started = process;
        if (started == null || !started.isAlive()) {
            throw new IllegalStateException("not alive: " + name);
        }
        return started;
    }

    /** Waits until {@code condition} holds, in the calling thread. */
    static void eventually(String what, BooleanSupplier condition) {
        await(what)
                .atMost(DEADLINE)
                .pollInSameThread()
                .pollDelay(Duration.ZERO)
                .pollInterval(Duration.ofMillis(20))
                .until(condition::getAsBoolean);
    }

    /** Whether all its threads are stopped, as far as the system says so: proc_pid_stat(5). */
    private static boolean isStopped(ProcessHandle process) {
        Path threads = Path.of("/proc", Long.toString(process.pid()), "task");
        if (!Files.isDirectory(threads)) {
            return true;
        }
        try (Stream<Path> found = Files.list(threads)) {
            for (Path thread : found.toList()) {
                String stat = Files.readString(thread.resolve("stat"));
                if (STOPPED.indexOf(stat.charAt(stat.lastIndexOf(')') + 2)) < 0) {
                    return false;
                }
            }
            return true;
        } catch (IOException | UncheckedIOException _) {
            return false; // a thread has ended in the meantime
        }
    }

    /** A process whose parent was killed may stay as a zombie, which has no command. */
    private static boolean isGone(ProcessHandle process) {
        return !process.isAlive() || process.info().command().isEmpty();
    }

    /** One that has just ended is past signals, and that is all right. */
    private static void signal(String signal, ProcessHandle process) {
        new Command(
                        Path.of("/"),
                        List.of(
                                "/bin/sh",
                                "-c",
                                "kill -s \"$1\" \"$2\"",
                                "sh",
                                signal,
                                Long.toString(process.pid())))
                .succeeds();
    }

    private void deleteDirectory() {
        // A few attempts: what was killed by others a moment ago may still write.
        eventually(
                "deletion of " + directory,
                () -> {
                    try {
                        Directories.delete(directory);
                        return true;
                    } catch (UncheckedIOException _) {
                        return !Files.exists(directory);
                    }
                });
    }
}
