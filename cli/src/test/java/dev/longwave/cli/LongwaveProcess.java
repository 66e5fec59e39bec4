package dev.longwave.cli;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** The {@code longwave} command as a process of its own. */
public final class LongwaveProcess implements AutoCloseable {

    private static final String READY = "Longwave is listening on ";
    private static final String ADMIN = "The admin listener is on ";
    private static final long STOP_SECONDS = 300;

    private final Process process;
    private final URI uri;
    private final URI admin;

    private LongwaveProcess(Process process, URI uri, URI admin) {
        this.process = process;
        this.uri = uri;
        this.admin = admin;
    }

    /** Starts a server on a free port, with these settings as {@code key=value}. */
    public static LongwaveProcess serve(String... settings) throws IOException {
        return start(options(settings), List.of(), ProcessBuilder.Redirect.INHERIT);
    }

    /** The same, with the settings of a file before these. */
    static LongwaveProcess serve(Path config, String... settings) throws IOException {
        var options = new ArrayList<>(List.of("--config", config.toString()));
        options.addAll(options(settings));
        return start(options, List.of(), ProcessBuilder.Redirect.INHERIT);
    }

    /** Starts a server on a port that is known to be free, with these settings. */
    static LongwaveProcess serveAt(int port, List<String> settings) throws IOException {
        var options = new ArrayList<>(List.of("--port", Integer.toString(port)));
        options.addAll(options(settings.toArray(String[]::new)));
        return start(options, List.of(), ProcessBuilder.Redirect.INHERIT);
    }

    /** A port on which nothing listens at the moment. */
    static int freePort() throws IOException {
        try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    /**
     * Starts a server whose log goes to a file.
     *
     * @param jvmOptions further options of its JVM
     */
    public static LongwaveProcess serve(Path log, List<String> jvmOptions, String... settings)
            throws IOException {
        return start(options(settings), jvmOptions, ProcessBuilder.Redirect.appendTo(log.toFile()));
    }

    private static List<String> options(String... settings) {
        var options = new ArrayList<String>();
        for (String setting : settings) {
            options.addAll(List.of("--set", setting));
        }
        return options;
    }

    /** Starts a server on a free port in development mode, which publishes the demo. */
    public static LongwaveProcess develop() throws IOException {
        return start(List.of("--development"), List.of(), ProcessBuilder.Redirect.INHERIT);
    }

    private static LongwaveProcess start(
            List<String> options, List<String> jvmOptions, ProcessBuilder.Redirect errors)
            throws IOException {
        var arguments = new ArrayList<>(List.of("serve"));
        arguments.addAll(options.contains("--port") ? List.of() : List.of("--port", "0"));
        arguments.addAll(options);
        ProcessBuilder builder = builder(arguments).redirectError(errors);
        builder.command().addAll(1, jvmOptions);
        Process process = builder.start();
        var output =
                new BufferedReader(
                        new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
        String line = output.readLine();
        if (line == null || !line.startsWith(READY)) {
            process.destroyForcibly();
            throw new IOException("the server did not say that it is ready but: " + line);
        }
        String admin = output.readLine();
        if (admin == null || !admin.startsWith(ADMIN)) {
            process.destroyForcibly();
            throw new IOException("the server did not say where its admin listener is: " + admin);
        }
        return new LongwaveProcess(
                process,
                URI.create(line.substring(READY.length())),
                URI.create(admin.substring(ADMIN.length())));
    }

    /** A process of the command with {@code arguments}, not yet started. */
    public static ProcessBuilder builder(List<String> arguments) {
        var command =
                new ArrayList<>(
                        List.of(
                                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                                // As the launcher: what a command says is not to begin with the
                                // JVM's warning.
                                "--enable-native-access=ALL-UNNAMED",
                                "-cp",
                                System.getProperty("java.class.path"),
                                "dev.longwave.cli.Longwave"));
        command.addAll(arguments);
        var process = new ProcessBuilder(command);
        // The variables that control the tests are not settings of a server.
        process.environment().keySet().removeIf(name -> name.startsWith("LONGWAVE_"));
        return process;
    }

    public URI uri(String path) {
        return uri.resolve(path);
    }

    public URI adminUri(String path) {
        return admin.resolve(path);
    }

    public int port() {
        return uri.getPort();
    }

    public long pid() {
        return process.pid();
    }

    /** Sends it SIGTERM. */
    void terminate() {
        process.destroy();
    }

    /** Waits until it has ended, and returns its exit status. */
    int exitStatus() throws InterruptedException {
        if (!process.waitFor(STOP_SECONDS, TimeUnit.SECONDS)) {
            throw new AssertionError("the process does not end");
        }
        return process.exitValue();
    }

    /** Ends it at once: SIGKILL. */
    void kill() throws InterruptedException {
        process.destroyForcibly().waitFor();
    }

    @Override
    public void close() {
        process.destroy();
        try {
            if (!process.waitFor(STOP_SECONDS, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        } catch (InterruptedException _) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }
}
