package dev.longwave.broker.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** PgBouncer in transaction mode, in front of a PostgreSQL server. */
final class PgBouncer implements AutoCloseable {

    private final ServerProcess process;

    private PgBouncer(ServerProcess process) {
        this.process = process;
    }

    /** Starts it, and waits until it accepts connections. */
    static PgBouncer start(PostgresServer server) {
        Path program = RequiredProgram.find("pgbouncer");
        var process = ServerProcess.prepare("pgbouncer");
        Path configuration = process.directory().resolve("pgbouncer.ini");
        try {
            // By default it waits for 15 seconds after a server that could not be reached.
            Files.writeString(
                    configuration,
                    """
                    [databases]
                    postgres = host=127.0.0.1 port=%d user=%s
                    [pgbouncer]
                    listen_addr = 127.0.0.1
                    listen_port = %d
                    unix_socket_dir =
                    auth_type = any
                    pool_mode = transaction
                    server_login_retry = 1
                    ignore_startup_parameters = extra_float_digits
                    """
                            .formatted(server.port(), server.user(), process.port()));
        } catch (IOException e) {
            process.close();
            throw new UncheckedIOException(e);
        }
        PostgresServer.giveAwayIfRoot(process.directory());
        process.start(
                PostgresServer.unprivileged(List.of(program.toString(), configuration.toString())));
        return new PgBouncer(process);
    }

    /** {@return the process, to kill and to freeze} */
    ServerProcess process() {
        return process;
    }

    @Override
    public void close() {
        process.close();
    }
}
