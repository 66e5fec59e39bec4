package dev.longwave.testing;

import dev.longwave.broker.testing.RequiredProgram;
import dev.longwave.broker.testing.ServerProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** An HAProxy process of a test's own, in front of a server on loopback. */
public final class HaProxy implements AutoCloseable {

    private final ServerProcess process;

    private HaProxy(ServerProcess process) {
        this.process = process;
    }

    /**
     * Starts HAProxy on a free port of loopback, and waits until it listens. It keeps connections
     * to the server open, and shares them among its clients.
     *
     * @param bindOptions what follows the address in {@code bind}, such as {@code proto h2}
     * @param serverOptions what follows the address in {@code server}
     * @param serverPort where the server listens
     */
    public static HaProxy start(String bindOptions, String serverOptions, int serverPort)
            throws IOException {
        Path program = RequiredProgram.find("haproxy");
        var process = ServerProcess.prepare("haproxy");
        Path configuration = process.directory().resolve("haproxy.cfg");
        Files.writeString(
                configuration,
                """
                global
                    maxconn 1000
                    nbthread 1
                defaults
                    mode http
                    timeout connect 60s
                    timeout client 60s
                    timeout server 60s
                    log stdout format raw local0
                    log-format "%%HM %%HU"
                frontend clients
                    bind 127.0.0.1:%d %s
                    default_backend longwave
                backend longwave
                    http-reuse always
                    # As the server may close a connection just when it is used again.
                    retry-on conn-failure empty-response
                    server longwave 127.0.0.1:%d %s
                """
                        .formatted(process.port(), bindOptions, serverPort, serverOptions));
        // One process, so that there is one to stop.
        process.start(List.of(program.toString(), "-db", "-f", configuration.toString()));
        return new HaProxy(process);
    }

    /** {@return the port it listens on} */
    public int port() {
        return process.port();
    }

    /** {@return the requests that are over, each as method and address} */
    public List<String> requests() {
        return process.log().lines().toList();
    }

    @Override
    public void close() {
        process.close();
    }
}
