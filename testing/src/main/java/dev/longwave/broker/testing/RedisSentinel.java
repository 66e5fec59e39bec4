package dev.longwave.broker.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** A Sentinel that watches a primary by the name {@value #MASTER}. */
public final class RedisSentinel implements AutoCloseable {

    /** The name by which Sentinels know the primary. */
    public static final String MASTER = "longwave";

    private final Path cli;
    private final ServerProcess process;

    private RedisSentinel(Path cli, ServerProcess process) {
        this.cli = cli;
        this.process = process;
    }

    /**
     * Starts a Sentinel, and waits until it answers.
     *
     * @param quorum how many Sentinels must agree that the primary is down
     * @param downAfter how long the primary may be silent
     */
    public static RedisSentinel start(
            RedisServer.Product product, RedisServer primary, int quorum, Duration downAfter) {
        Path program = product.program("server");
        var process = ServerProcess.prepare("sentinel");
        Path configuration = process.directory().resolve("sentinel.conf");
        try {
            Files.writeString(
                    configuration,
                    """
                    bind 127.0.0.1
                    port %d
                    dir "%s"
                    sentinel monitor %s 127.0.0.1 %d %d
                    sentinel down-after-milliseconds %s %d
                    sentinel failover-timeout %s 5000
                    """
                            .formatted(
                                    process.port(),
                                    process.directory(),
                                    MASTER,
                                    primary.port(),
                                    quorum,
                                    MASTER,
                                    downAfter.toMillis(),
                                    MASTER));
        } catch (IOException e) {
            process.close();
            throw new UncheckedIOException(e);
        }
        var sentinel = new RedisSentinel(product.program("cli"), process);
        process.start(
                List.of(program.toString(), configuration.toString(), "--sentinel"),
                () -> sentinel.client("PING").prints("PONG"));
        return sentinel;
    }

    /** Waits until this Sentinel knows so many other Sentinels and replicas. */
    public void awaitKnown(int otherSentinels, int replicas) {
        ServerProcess.eventually(
                "discovery by a Sentinel",
                () -> {
                    List<String> primary = cli("SENTINEL", "MASTER", MASTER).lines().toList();
                    return value(primary, "num-other-sentinels") == otherSentinels
                            && value(primary, "num-slaves") == replicas;
                });
    }

    /** {@return the port of the primary, as this Sentinel knows it} */
    public int primaryPort() {
        List<String> address = cli("SENTINEL", "GET-MASTER-ADDR-BY-NAME", MASTER).lines().toList();
        return Integer.parseInt(address.getLast());
    }

    /** Executes a command by the server's own client, and returns what that prints. */
    public String cli(String... command) {
        return client(command).run();
    }

    /** {@return the port for clients} */
    public int port() {
        return process.port();
    }

    /** {@return the process, to kill and to freeze} */
    public ServerProcess process() {
        return process;
    }

    private static int value(List<String> fields, String name) {
        int at = fields.indexOf(name);
        return at < 0 ? -1 : Integer.parseInt(fields.get(at + 1));
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
