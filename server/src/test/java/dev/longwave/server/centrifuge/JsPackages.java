package dev.longwave.server.centrifuge;

import static org.assertj.core.api.Assertions.assertThat;

import dev.longwave.broker.testing.RequiredProgram;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** What tests need of npm, in the versions of the lock file, and what drives it. */
public final class JsPackages {

    private static final Path SOURCE = Path.of("src", "test", "javascript", "centrifuge");
    private static final Path TARGET = Path.of("target", "javascript", "centrifuge");
    private static final List<String> FILES =
            List.of("package.json", "package-lock.json", "driver.js", "node.js");
    private static final long DEADLINE_MINUTES = 10;

    private JsPackages() {}

    /** {@return the folder where they are, installed by npm if they have changed} */
    public static synchronized Path installed() throws IOException, InterruptedException {
        Files.createDirectories(TARGET);
        // Tests run in more than one JVM at a time.
        try (FileChannel file =
                        FileChannel.open(
                                TARGET.resolve("installing"),
                                StandardOpenOption.CREATE,
                                StandardOpenOption.WRITE);
                FileLock _ = file.lock()) {
            install();
        }
        return TARGET;
    }

    private static void install() throws IOException, InterruptedException {
        String npm = RequiredProgram.find("npm").toString();
        Path done = TARGET.resolve("node_modules").resolve("longwave-lock.json");
        for (String file : FILES) {
            copyIfChanged(SOURCE.resolve(file), TARGET.resolve(file));
        }
        Path lock = TARGET.resolve("package-lock.json");
        if (!Files.exists(done) || Files.mismatch(lock, done) >= 0) {
            Path log = TARGET.resolve("npm.log");
            Process process =
                    new ProcessBuilder(npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund")
                            .directory(TARGET.toFile())
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
