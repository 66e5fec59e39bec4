package dev.longwave.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.longwave.broker.testing.RequiredProgram;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.TimeUnit;

/** What tests need of npm, in the versions of the lock file, and what drives it. */
public final class JsPackages {

    private static final Path SOURCE = Path.of("src", "test", "javascript");
    private static final Path TARGET = Path.of("target", "javascript");
    private static final long DEADLINE_MINUTES = 10;

    private JsPackages() {}

    /**
     * {@return a copy of a folder of {@code src/test/javascript} with what it depends on, which npm
     * installs if that has changed}
     */
    public static synchronized Path installed(String name)
            throws IOException, InterruptedException {
        Path target = Files.createDirectories(TARGET.resolve(name));
        // Tests run in more than one JVM at a time.
        try (FileChannel file =
                        FileChannel.open(
                                target.resolve("installing"),
                                StandardOpenOption.CREATE,
                                StandardOpenOption.WRITE);
                FileLock _ = file.lock()) {
            install(SOURCE.resolve(name), target);
        }
        return target;
    }

    private static void install(Path source, Path target) throws IOException, InterruptedException {
        String npm = RequiredProgram.find("npm").toString();
        Path done = target.resolve("node_modules").resolve("longwave-lock.json");
        try (DirectoryStream<Path> files = Files.newDirectoryStream(source, Files::isRegularFile)) {
            for (Path file : files) {
                copyIfChanged(file, target.resolve(file.getFileName()));
            }
        }
        Path lock = target.resolve("package-lock.json");
        if (!Files.exists(done) || Files.mismatch(lock, done) >= 0) {
            Path log = target.resolve("npm.log");
            Process process =
                    new ProcessBuilder(npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund")
                            .directory(target.toFile())
                            .redirectErrorStream(true)
                            .redirectOutput(log.toFile())
                            .start();
            try {
                assertThat(process.waitFor(DEADLINE_MINUTES, TimeUnit.MINUTES)).isTrue();
            } finally {
                process.destroyForcibly();
            }
            assertThat(process.exitValue()).as(() -> text(log)).isZero();
            copyIfChanged(lock, done);
        }
    }

    /** Another JVM may read the copy just now. */
    private static void copyIfChanged(Path from, Path to) throws IOException {
        if (!Files.exists(to) || Files.mismatch(from, to) >= 0) {
            Files.copy(from, to, StandardCopyOption.REPLACE_EXISTING);
        }
    }

    private static String text(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            return e.toString();
        }
    }
}
