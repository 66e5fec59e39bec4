package dev.longwave.broker.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.UserPrincipal;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * A PostgreSQL server with an empty database. What was committed is there again after {@code kill
 * -9}.
 */
public final class PostgresServer implements AutoCloseable {
    /*
     * Debian's own programs rather than jars with binaries in them: the machine has them, they are what people run,
     * and what a test kills and freezes is the server itself.
     *
     * PostgreSQL refuses to run as root. Then it runs as the user that its package made; setpriv becomes the server,
     * so that the process that was started is the one to kill.
     */
    private static final Path DEBIAN = Path.of("/usr/lib/postgresql");

    /** The user of the operating system, where we are root; and the superuser of the database. */
    private static final String USER = "postgres";

    private final Path programs;
    private final ServerProcess process;

    private PostgresServer(Path programs, ServerProcess process) {
        this.programs = programs;
        this.process = process;
    }

    /**
     * Starts a server, and waits until it accepts queries.
     *
     * @param settings such as {@code max_connections=200}
     */
    public static PostgresServer start(String... settings) {
        var server = new PostgresServer(programs(), ServerProcess.prepare("postgres"));
        server.start(List.of(settings));
        return server;
    }

    private void start(List<String> settings) {
        giveAwayIfRoot(process.directory());
        new Command(
                        process.directory(),
                        unprivileged(
                                List.of(
                                        program("initdb"),
                                        "--pgdata=" + data(),
                                        "--username=" + USER,
                                        "--auth=trust",
                                        "--encoding=UTF8",
                                        "--locale=C",
                                        "--no-sync")))
                .run();
        launch(settings);
    }

    private void launch(List<String> settings) {
        var command = new ArrayList<>(List.of(program("postgres"), "-D", data().toString()));
        var all =
                new ArrayList<>(
                        List.of(
                                "port=" + process.port(),
                                "listen_addresses=127.0.0.1",
                                "unix_socket_directories="));
        all.addAll(settings);
        all.forEach(setting -> command.addAll(List.of("-c", setting)));
        process.start(unprivileged(command), this::acceptsQueries);
    }

    /**
     * Starts a replica of this server, which follows it.
     *
     * @param port where the replica finds this server, as that of a {@link FaultProxy}
     */
    public PostgresServer startReplica(int port, String... settings) {
        var replica = new PostgresServer(programs, ServerProcess.prepare("postgres"));
        giveAwayIfRoot(replica.process.directory());
        replica.copyToFollow(port);
        replica.launch(List.of(settings));
        return replica;
    }

    /**
     * Kills this server, and starts it as a replica of another one, with a copy of its data.
     *
     * @param port where it finds the other one
     */
    void follow(int port) {
        process.kill();
        deleteData();
        copyToFollow(port);
        process.restart();
    }

    private void copyToFollow(int port) {
        run(
                "pg_basebackup",
                "--write-recovery-conf",
                "--checkpoint=fast",
                "--pgdata=" + data(),
                port);
    }

    /** Makes a replica the server that is written to. */
    public void promote() {
        psql("SELECT pg_promote()");
    }

    /** Copies the data while the server runs, as a backup does; see {@link #putBack}. */
    public Path backUp() {
        Path copy = process.directory().resolve("backup-" + System.nanoTime());
        run("pg_basebackup", "--checkpoint=fast", "--pgdata=" + copy, port());
        return copy;
    }

    /** Stops the server, copies its data, and starts it again. */
    public Path copyCold() {
        Path copy = process.directory().resolve("copy-" + System.nanoTime());
        process.kill();
        copy(data(), copy);
        process.restart();
        return copy;
    }

    /** Kills the server, and starts it with the data of a copy. The copy remains. */
    public void putBack(Path copy) {
        process.kill();
        deleteData();
        copy(copy, data());
        process.restart();
    }

    private void deleteData() {
        new Command(process.directory(), unprivileged(List.of("/bin/rm", "-rf", data().toString())))
                .run();
    }

    private void copy(Path from, Path to) {
        new Command(
                        process.directory(),
                        unprivileged(List.of("/bin/cp", "-a", from.toString(), to.toString())))
                .run();
    }

    /** Writes a schema to a file as SQL. */
    public Path dump(String schema) {
        Path file = process.directory().resolve("dump-" + System.nanoTime() + ".sql");
        run("pg_dump", "--schema=" + schema, "--file=" + file, port(), "--dbname=postgres");
        return file;
    }

    /** Replaces a schema with the one in a file, in one transaction. */
    public void restore(String schema, Path dump) {
        run(
                "psql",
                "--no-psqlrc",
                "--quiet",
                port(),
                "--dbname=postgres",
                "--set=ON_ERROR_STOP=1",
                "--single-transaction",
                "--command=DROP SCHEMA " + schema + " CASCADE",
                "--file=" + dump);
    }

    private Path data() {
        return process.directory().resolve("data");
    }

    /**
     * Runs SQL as superuser, and returns the rows, one a line, columns separated by {@code |}.
     *
     * @throws IllegalStateException if it fails; the message says why
     */
    public String psql(String sql) {
        return client(
                        "psql",
                        "--no-psqlrc",
                        "--quiet",
                        "--tuples-only",
                        "--no-align",
                        "--set=ON_ERROR_STOP=1",
                        "--command=" + sql)
                .run();
    }

    /** {@return the port for clients} */
    public int port() {
        return process.port();
    }

    /** {@return the superuser's name; it needs no password} */
    public String user() {
        return USER;
    }

    /** {@return the address for clients} */
    public String jdbcUrl() {
        return jdbcUrl(port());
    }

    /**
     * {@return the address for clients that go by another port, as that of a {@link FaultProxy}}
     */
    public String jdbcUrl(int port) {
        return "jdbc:postgresql://127.0.0.1:" + port + "/postgres";
    }

    /** {@return the process, to kill and to freeze} */
    public ServerProcess process() {
        return process;
    }

    private boolean acceptsQueries() {
        return process.listens() && client("pg_isready", "--quiet").succeeds();
    }

    /** Runs a program of PostgreSQL against a port; among its arguments that is a number. */
    private void run(String program, Object... arguments) {
        var words = new ArrayList<>(List.of(program(program), "--host=127.0.0.1"));
        words.add("--username=" + USER);
        for (Object each : arguments) {
            words.add(each instanceof Integer port ? "--port=" + port : (String) each);
        }
        new Command(process.directory(), unprivileged(words)).run();
    }

    private Command client(String program, String... arguments) {
        var words =
                new ArrayList<>(
                        List.of(
                                program(program),
                                "--host=127.0.0.1",
                                "--port=" + port(),
                                "--username=" + USER,
                                "--dbname=postgres"));
        words.addAll(List.of(arguments));
        return new Command(process.directory(), words);
    }

    private String program(String name) {
        return programs.resolve(name).toString();
    }

    /** The directory of the newest version's programs, of which Debian puts few on the PATH. */
    private static Path programs() {
        if (Files.isDirectory(DEBIAN)) {
            try (Stream<Path> versions = Files.list(DEBIAN)) {
                Optional<Path> newest =
                        versions.filter(it -> Files.isExecutable(it.resolve("bin/initdb")))
                                .max(Comparator.comparingInt(PostgresServer::number))
                                .map(it -> it.resolve("bin"));
                if (newest.isPresent()) {
                    return newest.get();
                }
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
        return RequiredProgram.find("initdb").resolveSibling("");
    }

    private static int number(Path version) {
        return Integer.parseInt(version.getFileName().toString());
    }

    private static boolean isRoot() {
        return "root".equals(System.getProperty("user.name"));
    }

    static List<String> unprivileged(List<String> command) {
        if (!isRoot()) {
            return command;
        }
        var words =
                new ArrayList<>(
                        List.of(
                                RequiredProgram.find("setpriv").toString(),
                                "--reuid=" + USER,
                                "--regid=" + USER,
                                "--init-groups"));
        words.addAll(command);
        return words;
    }

    static void giveAwayIfRoot(Path directory) {
        if (!isRoot()) {
            return;
        }
        try {
            UserPrincipal owner =
                    directory
                            .getFileSystem()
                            .getUserPrincipalLookupService()
                            .lookupPrincipalByName(USER);
            Files.setOwner(directory, owner);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        process.close();
    }
}
