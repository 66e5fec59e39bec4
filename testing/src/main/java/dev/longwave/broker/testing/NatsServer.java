package dev.longwave.broker.testing;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** A NATS server with JetStream. What it stored is there again after {@code kill -9}. */
public final class NatsServer implements AutoCloseable {

    private static final int TIMEOUT_MILLIS = 10_000;

    /** Which server. */
    public enum Generation {
        /** Before 2.11: without batched direct gets, and without a lifetime for each message. */
        OLD("nats-old"),
        /** 2.11 or later. */
        CURRENT("nats-current");

        private final String unpacked;

        Generation(String unpacked) {
            this.unpacked = unpacked;
        }

        Path program() {
            return RequiredProgram.unpacked(unpacked, "usr/sbin/nats-server");
        }
    }

    private final Path program;
    private final String name;
    private final ServerProcess process;
    private final int monitoringPort = FreePort.find();

    NatsServer(Generation generation, String name) {
        this.program = generation.program();
        this.name = name;
        this.process = ServerProcess.prepare("nats");
    }

    /** Starts a server by itself, and waits until JetStream works. */
    public static NatsServer start(Generation generation) {
        return start(generation, "");
    }

    /**
     * Starts a server by itself, and waits until JetStream works.
     *
     * @param configuration what is appended to its configuration file, such as {@code
     *     authorization}; neither addresses nor {@code jetstream}
     */
    public static NatsServer start(Generation generation, String configuration) {
        var server = new NatsServer(generation, "single");
        server.configure(configuration);
        server.process.start(server.command(), server::isHealthy);
        return server;
    }

    void configure(String rest) {
        try {
            Files.writeString(
                    configuration(),
                    """
                    server_name: "%s"
                    listen: "127.0.0.1:%d"
                    http: "127.0.0.1:%d"
                    jetstream { store_dir: "%s" }
                    %s
                    """
                            .formatted(
                                    name,
                                    process.port(),
                                    monitoringPort,
                                    process.directory().resolve("store"),
                                    rest));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    List<String> command() {
        return List.of(program.toString(), "-c", configuration().toString());
    }

    /** {@return its name, as streams call their leader} */
    public String name() {
        return name;
    }

    /** {@return the port for clients} */
    public int port() {
        return process.port();
    }

    /** {@return the address for clients} */
    public String uri() {
        return "nats://127.0.0.1:" + port();
    }

    /** {@return the process, to kill and to freeze} */
    public ServerProcess process() {
        return process;
    }

    /**
     * {@return what it says of itself, as JSON}
     *
     * @param path what is asked for, such as {@code /connz?subs=1} or {@code /jsz}
     */
    public String monitoring(String path) {
        try (InputStream body = ask(path).getInputStream()) {
            return new String(body.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** {@return whether JetStream works; in a cluster, whether it is up to date with its leader} */
    boolean isHealthy() {
        try {
            HttpURLConnection health = ask("/healthz");
            try {
                return health.getResponseCode() == HttpURLConnection.HTTP_OK;
            } finally {
                health.disconnect();
            }
        } catch (IOException _) {
            return false;
        }
    }

    private HttpURLConnection ask(String path) throws IOException {
        var connection =
                (HttpURLConnection)
                        URI.create("http://127.0.0.1:" + monitoringPort + path)
                                .toURL()
                                .openConnection();
        connection.setConnectTimeout(TIMEOUT_MILLIS);
        connection.setReadTimeout(TIMEOUT_MILLIS);
        return connection;
    }

    private Path configuration() {
        return process.directory().resolve("nats.conf");
    }

    @Override
    public void close() {
        process.close();
    }
}
