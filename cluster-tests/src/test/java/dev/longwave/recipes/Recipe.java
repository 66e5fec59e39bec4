package dev.longwave.recipes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.longwave.broker.testing.RequiredProgram;
import dev.longwave.broker.testing.ServerProcess;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A copy of a project in {@code examples}, its application as a process, and Longwave beside it,
 * with the configuration of the project. For one thread.
 */
final class Recipe implements AutoCloseable {

    private static final Path EXAMPLES = Path.of("..", "examples");
    private static final Path LAUNCHER =
            Path.of(System.getProperty("longwave.home"), "bin", "longwave");
    private static final Pattern ADMIN_URL =
            Pattern.compile("The admin listener is on (http://\\S+)");
    private static final long DEADLINE_MINUTES = 10; // it may have to get what it needs

    /** What working on the examples leaves behind. */
    private static final Set<String> NOT_COPIED =
            Set.of("node_modules", "target", "venv", "__pycache__", ".next", "log", "tmp");

    private final ServerProcess application;
    private final ServerProcess longwave = ServerProcess.prepare("longwave");

    private Recipe(String name) {
        application = ServerProcess.prepare(name.replace('/', '-'));
    }

    /**
     * {@return a copy of a project, where nothing runs yet}
     *
     * @param name its folder in {@code examples}
     */
    static Recipe copyOf(String name) throws IOException {
        var recipe = new Recipe(name);
        try {
            copy(EXAMPLES.resolve(name), recipe.folder());
            copy(EXAMPLES.resolve("sign-in/publisher"), recipe.longwave.directory());
            return recipe;
        } catch (IOException | RuntimeException e) {
            recipe.close();
            throw e;
        }
    }

    private static void copy(Path from, Path to) throws IOException {
        Files.walkFileTree(
                from,
                new SimpleFileVisitor<>() {
                    @Override
                    public FileVisitResult preVisitDirectory(
                            Path folder, BasicFileAttributes attributes) throws IOException {
                        if (NOT_COPIED.contains(folder.getFileName().toString())) {
                            return FileVisitResult.SKIP_SUBTREE;
                        }
                        Files.createDirectories(to.resolve(from.relativize(folder)));
                        return FileVisitResult.CONTINUE;
                    }

                    @Override
                    public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
                            throws IOException {
                        Files.copy(file, to.resolve(from.relativize(file)));
                        return FileVisitResult.CONTINUE;
                    }
                });
    }

    Path folder() {
        return application.directory();
    }

    /** {@return where the application is, for a browser} */
    String url(String host) {
        return "http://" + host + ':' + application.port();
    }

    String longwaveUrl() {
        return "http://127.0.0.1:" + longwave.port();
    }

    /** Runs a command in the project's folder. {@return what it printed} */
    String run(String program, String... arguments) throws IOException, InterruptedException {
        return run(folder(), Map.of(), program, arguments);
    }

    private static String run(
            Path folder, Map<String, String> environment, String program, String... arguments)
            throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(program));
        command.addAll(List.of(arguments));
        Path output = Files.createTempFile("longwave-recipe", ".log");
        try {
            var builder =
                    new ProcessBuilder(command)
                            .directory(folder.toFile())
                            .redirectErrorStream(true)
                            .redirectOutput(output.toFile());
            builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
            builder.environment().putAll(environment);
            Process process = builder.start();
            try {
                assertThat(process.waitFor(DEADLINE_MINUTES, TimeUnit.MINUTES)).isTrue();
            } finally {
                process.destroyForcibly();
            }
            String printed = new String(Files.readAllBytes(output), StandardCharsets.UTF_8);
            assertThat(process.exitValue()).as("%s: %s", command, printed).isZero();
            return printed;
        } finally {
            Files.delete(output);
        }
    }

    /** {@return where {@code program} is; without it, the test is skipped or fails} */
    static String program(String... names) {
        return RequiredProgram.find(names).toString();
    }

    static String java() {
        return Path.of(System.getProperty("java.home"), "bin", "java").toString();
    }

    /** {@return the command that Longwave's users type} */
    static String longwaveCommand() {
        return LAUNCHER.toAbsolutePath().toString();
    }

    /**
     * Starts Longwave with {@code longwave.yaml} of the project, adapted to the ports of this test,
     * and an API key for {@link #publish}.
     */
    void startLongwave() throws IOException, InterruptedException {
        Path keys = longwave.directory().resolve("api-keys.yaml");
        Files.writeString(
                keys,
                run(
                        longwave.directory(),
                        Map.of(),
                        "./make-key",
                        "test",
                        keyFile().toString(),
                        "users/**"));
        startLongwave(List.of("--set", "auth.keys-file=" + keys));
    }

    /** Starts Longwave with {@code longwave.yaml}, likewise adapted, and these options. */
    void startLongwave(List<String> options) throws IOException {
        Path configuration = folder().resolve("longwave.yaml");
        String adapted =
                Files.readString(configuration)
                        .replace("127.0.0.1:3000", "127.0.0.1:" + application.port())
                        .replace("localhost:3000", "localhost:" + application.port())
                        .replace("key-file: ", "key-file: " + folder() + '/');
        Files.writeString(configuration, adapted);
        List<String> command =
                new ArrayList<>(
                        List.of(
                                longwaveCommand(),
                                "serve",
                                "--config",
                                configuration.toString(),
                                "--port",
                                Integer.toString(longwave.port()),
                                "--set",
                                "admin.port=0",
                                "--set",
                                "sse.retry=PT0.2S"));
        command.addAll(options);
        longwave.start(command);
    }

    /** Kills Longwave without warning, and starts it again. */
    void restartLongwave() {
        longwave.restart();
    }

    /**
     * Starts the application, with its port and where Longwave is in the environment.
     *
     * @param command with more variables in front, as {@code env(1)} takes them
     */
    void startApplication(String... command) {
        List<String> all =
                new ArrayList<>(
                        List.of(
                                "/usr/bin/env",
                                "PORT=" + application.port(),
                                "LONGWAVE_URL=" + longwaveUrl(),
                                "LONGWAVE_ADMIN_URL=" + adminUrl()));
        all.addAll(List.of(command));
        application.start(all);
    }

    /** Starts what listens at no port. */
    void startClient(String... command) {
        application.start(List.of(command), () -> true);
    }

    /** {@return what the application printed} */
    String printed() {
        return application.log();
    }

    private String adminUrl() {
        await().until(() -> ADMIN_URL.matcher(longwave.log()).find());
        Matcher said = ADMIN_URL.matcher(longwave.log());
        assertThat(said.find()).isTrue();
        return said.group(1);
    }

    /** Sends {@code POST /admin/<command>} for a subject. */
    void admin(String command, String subject) throws IOException, InterruptedException {
        run(
                longwave.directory(),
                Map.of(),
                "curl",
                "--silent",
                "--show-error",
                "--fail-with-body",
                "--header",
                "Content-Type: application/json",
                "--data",
                "{\"subject\":\"" + subject + "\"}",
                adminUrl() + "/admin/" + command);
    }

    private Path keyFile() {
        return longwave.directory().resolve("key");
    }

    /** Publishes as the recipe for backends does. */
    void publish(String topic, String data) {
        try {
            run(
                    longwave.directory(),
                    Map.of(
                            "LONGWAVE_URL",
                            longwaveUrl(),
                            "LONGWAVE_KEY_FILE",
                            keyFile().toString()),
                    "./publish",
                    topic,
                    data);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        }
    }

    @Override
    public void close() {
        application.close();
        longwave.close();
    }
}
