package dev.longwave.testing;

import dev.longwave.broker.testing.RequiredProgram;
import dev.longwave.broker.testing.ServerProcess;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** An Nginx process of a test's own, with all its files in one directory. */
public final class Nginx implements AutoCloseable {

    private final ServerProcess process;

    private Nginx(ServerProcess process) {
        this.process = process;
    }

    /**
     * Starts Nginx on a free port of loopback, and waits until it listens.
     *
     * @param listenOptions what follows the port in {@code listen}, such as {@code ssl http2}
     * @param server the rest of the {@code server} block
     */
    public static Nginx start(String listenOptions, String server) throws IOException {
        return start("", listenOptions, server);
    }

    /**
     * Starts Nginx as the other does.
     *
     * @param http more of the {@code http} block, such as {@code upstream}
     */
    public static Nginx start(String http, String listenOptions, String server) throws IOException {
        Path program = RequiredProgram.find("nginx");
        var process = ServerProcess.prepare("nginx");
        Path directory = process.directory();
        // One process, so that there is one to stop.
        Files.writeString(
                directory.resolve("nginx.conf"),
                """
                daemon off;
                master_process off;
                pid nginx.pid;
                error_log stderr;
                events {}
                http {
                    client_body_temp_path client-body;
                    proxy_temp_path proxy;
                    fastcgi_temp_path fastcgi;
                    uwsgi_temp_path uwsgi;
                    scgi_temp_path scgi;
                    log_format connections "$connection $server_protocol $request_uri";
                    access_log access.log connections;
                    %s
                    server {
                        listen 127.0.0.1:%d %s;
                        %s
                    }
                }
                """
                        .formatted(http, process.port(), listenOptions, server));
        process.start(
                List.of(
                        program.toString(),
                        "-p",
                        directory + "/",
                        "-e",
                        "stderr",
                        "-c",
                        "nginx.conf"));
        return new Nginx(process);
    }

    /** {@return the port it listens on} */
    public int port() {
        return process.port();
    }

    /** {@return the requests that are over, each as connection number, protocol and address} */
    public List<String> requests() {
        try {
            return Files.readAllLines(process.directory().resolve("access.log"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        process.close();
    }
}
