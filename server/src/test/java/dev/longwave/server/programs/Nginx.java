package dev.longwave.server.programs;

import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** An Nginx process of a test's own, with all its files in one directory. */
public final class Nginx implements AutoCloseable {

    private static final Duration DEADLINE = Duration.ofSeconds(10);

    private final Path directory;
    private final int port;
    private final Process process;

    private Nginx(Path directory, int port, Process process) {
        this.directory = directory;
        this.port = port;
        this.process = process;
    }

    /**
     * Starts Nginx on a free port of loopback, and waits until it listens.
     *
     * @param directory an empty directory for its files
     * @param listenOptions what follows the port in {@code listen}, such as {@code ssl http2}
     * @param server the rest of the {@code server} block
     */
    public static Nginx start(Path directory, String listenOptions, String server)
            throws IOException {
        Path program = RequiredProgram.find("nginx");
        int port = freePort();
        // One process, so that there is one to stop.
        Files.writeString(
                directory.resolve("nginx.conf"),
                """
                daemon off;
                master_process off;
                pid nginx.pid;
                error_log error.log;
                events {}
                http {
                    client_body_temp_path client-body;
                    proxy_temp_path proxy;
                    fastcgi_temp_path fastcgi;
                    uwsgi_temp_path uwsgi;
                    scgi_temp_path scgi;
                    log_format connections "$connection $server_protocol $request_uri";
                    access_log access.log connections;
                    server {
                        listen 127.0.0.1:%d %s;
                        %s
                    }
                }
                """
                        .formatted(port, listenOptions, server));
        Process process =
                new ProcessBuilder(
                                program.toString(),
                                "-p",
                                directory + "/",
                                "-e",
                                "error.log",
                                "-c",
                                "nginx.conf")
                        .redirectErrorStream(true)
                        .redirectOutput(directory.resolve("output.log").toFile())
                        .start();
        var nginx = new Nginx(directory, port, process);
        try {
            await().atMost(DEADLINE).until(nginx::listens);
        } catch (RuntimeException e) {
            nginx.close();
            throw e;
        }
        return nginx;
    }

    private boolean listens() throws IOException {
        if (!process.isAlive()) {
            throw new IllegalStateException(
                    "nginx does not start: " + Files.readString(directory.resolve("error.log")));
        }
        try (var _ = new Socket(InetAddress.getLoopbackAddress(), port)) {
            return true;
        } catch (IOException _) {
            return false;
        }
    }

    private static int freePort() throws IOException {
        try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    /** {@return the port it listens on} */
    public int port() {
        return port;
    }

    /** {@return the requests that are over, each as connection number, protocol and address} */
    public List<String> requests() {
        try {
            return Files.readAllLines(directory.resolve("access.log"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        process.destroy();
        try {
            if (!process.waitFor(DEADLINE.toSeconds(), TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }
}
