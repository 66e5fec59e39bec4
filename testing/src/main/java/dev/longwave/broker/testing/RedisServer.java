package dev.longwave.broker.testing;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A Redis server, or Valkey in its place. Unless told otherwise it writes each command to its log
 * before it answers ({@code appendfsync always}), so that all is there again after {@code kill -9}.
 */
public final class RedisServer implements AutoCloseable {

    /** Which server. */
    public enum Product {
        /** Debian's Redis. */
        REDIS,
        /** Valkey. */
        VALKEY;

        Path program(String what) {
            return switch (this) {
                case REDIS -> RequiredProgram.find("redis-" + what);
                case VALKEY -> RequiredProgram.unpacked("valkey", "usr/bin/valkey-" + what);
            };
        }
    }

    private final Product product;
    private final Path cli;
    private final ServerProcess process;
    private final int tlsPort; // 0 for none

    private RedisServer(Product product, Path cli, ServerProcess process, int tlsPort) {
        this.product = product;
        this.cli = cli;
        this.process = process;
        this.tlsPort = tlsPort;
    }

    /**
     * Starts a server, and waits until it answers.
     *
     * @param options further options, which win over those above: {@code "--appendonly", "no"} for
     *     a server that forgets
     */
    public static RedisServer start(Product product, String... options) {
        return start(product, 0, List.of(options));
    }

    private static RedisServer start(Product product, int tlsPort, List<String> options) {
        Path program = product.program("server");
        Path cli = product.program("cli");
        var process = ServerProcess.prepare("redis");
        var command =
                new ArrayList<>(
                        List.of(
                                program.toString(),
                                "--bind",
                                "127.0.0.1",
                                "--port",
                                Integer.toString(process.port()),
                                "--dir",
                                process.directory().toString(),
                                "--save",
                                "",
                                "--appendonly",
                                "yes",
                                "--appendfsync",
                                "always",
                                // A first replica need not wait for others.
                                "--repl-diskless-sync-delay",
                                "0"));
        command.addAll(options);
        var server = new RedisServer(product, cli, process, tlsPort);
        process.start(command, server::answers);
        return server;
    }

    /**
     * Starts a server that speaks TLS too, at another port, and asks no client for a certificate.
     *
     * @param certificate its certificate in PEM, with those in between if there are any
     * @param key its private key in PEM
     * @param options as for {@link #start}
     */
    public static RedisServer startWithTls(
            Product product, Path certificate, Path key, String... options) {
        int port = FreePort.find();
        var all =
                new ArrayList<>(
                        List.of(
                                "--tls-port",
                                Integer.toString(port),
                                "--tls-cert-file",
                                certificate.toString(),
                                "--tls-key-file",
                                key.toString(),
                                "--tls-auth-clients",
                                "no"));
        all.addAll(List.of(options));
        return start(product, port, all);
    }

    /**
     * Starts a replica of this server, and waits until it is up to date.
     *
     * @param options as for {@link #start}
     */
    public RedisServer startReplica(String... options) {
        var all = new ArrayList<>(List.of("--replicaof", "127.0.0.1 " + port()));
        all.addAll(List.of(options));
        RedisServer replica = start(product, all.toArray(String[]::new));
        try {
            ServerProcess.eventually("replica's link", replica::followsAndIsUpToDate);
        } catch (RuntimeException e) {
            replica.close();
            throw e;
        }
        return replica;
    }

    /**
     * Executes a command by the server's own client, and returns what that prints.
     *
     * @throws IllegalStateException if the server cannot be reached
     */
    public String cli(String... command) {
        return client(command).run();
    }

    /** {@return whether it is a primary at present} */
    public boolean isPrimary() {
        return cli("INFO", "replication").contains("role:master");
    }

    /** {@return whether it is a replica with a link to its primary} */
    boolean followsAndIsUpToDate() {
        return cli("INFO", "replication").contains("master_link_status:up");
    }

    /** {@return the value of a field of INFO, or an empty text} */
    public String info(String field) {
        return cli("INFO", "everything")
                .lines()
                .filter(line -> line.startsWith(field + ':'))
                .map(line -> line.substring(field.length() + 1).strip())
                .findFirst()
                .orElse("");
    }

    /** {@return the port for clients} */
    public int port() {
        return process.port();
    }

    /**
     * {@return the port for clients that speak TLS}
     *
     * @throws IllegalStateException if there is none
     */
    public int tlsPort() {
        if (tlsPort == 0) {
            throw new IllegalStateException("started without TLS");
        }
        return tlsPort;
    }

    /** {@return the address for clients} */
    public String uri() {
        return "redis://127.0.0.1:" + port();
    }

    /** {@return the process, to kill and to freeze} */
    public ServerProcess process() {
        return process;
    }

    /** While it reads its log, it answers but refuses. */
    private boolean answers() {
        return client("PING").prints("PONG");
    }

    private Command client(String... command) {
        var words = new ArrayList<>(List.of(cli.toString(), "-p", Integer.toString(port())));
        words.addAll(List.of(command));
        return new Command(process.directory(), words);
    }

    @Override
    public void close() {
        process.close();
    }
}
