package dev.longwave.broker.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

final class ServerProcessIT {

    /** A parent that says which child it has, and waits for it. */
    private static final List<String> PARENT =
            List.of("/bin/sh", "-c", "sleep 3000 & echo started; echo $! >child; wait");

    @Test
    void killsTheProcessesThatItStartedAndLeavesNothingBehind() throws IOException {
        ServerProcess process = ServerProcess.prepare("parent");
        ProcessHandle child;
        try (process) {
            process.start(PARENT, () -> hasChild(process));
            child = child(process);
            assertThat(child.isAlive()).isTrue();
        }

        await().until(() -> isGone(child));
        assertThat(process.isAlive()).isFalse();
        assertThat(process.directory()).doesNotExist();
    }

    @Test
    void startsAgainInTheSameDirectoryAndKeepsTheLog() {
        try (ServerProcess process = ServerProcess.prepare("parent")) {
            process.start(PARENT, () -> hasChild(process));
            long first = process.pid();

            process.restart();

            assertThat(process.pid()).isNotEqualTo(first);
            // The first one's file says "ready" at once, so the second may still have to speak.
            await().until(process::log, "started\nstarted\n"::equals);
        }
    }

    @Test
    void stopsInOrder() {
        List<String> polite =
                List.of(
                        "/bin/sh",
                        "-c",
                        "trap 'echo ended; kill $!; exit' TERM; sleep 3000 & echo up; wait");
        try (ServerProcess process = ServerProcess.prepare("polite")) {
            process.start(polite, () -> process.log().equals("up\n"));

            process.stop();

            assertThat(process.isAlive()).isFalse();
            assertThat(process.log()).isEqualTo("up\nended\n");
        }
    }

    @Test
    void freezesTheProcessesThatItStarted() throws IOException {
        try (ServerProcess process = ServerProcess.prepare("parent")) {
            process.start(PARENT, () -> hasChild(process));
            ProcessHandle child = child(process);

            process.freeze();

            await().until(() -> state(process.pid()).equals("T"));
            await().until(() -> state(child.pid()).equals("T"));
            process.thaw();
            await().until(() -> state(process.pid()).equals("S"));
            await().until(() -> state(child.pid()).equals("S"));
        }
    }

    @Test
    void killsWhatIsFrozen() throws IOException {
        try (ServerProcess process = ServerProcess.prepare("parent")) {
            process.start(PARENT, () -> hasChild(process));
            ProcessHandle child = child(process);
            process.freeze();

            process.kill();

            assertThat(process.isAlive()).isFalse();
            await().until(() -> isGone(child));
        }
    }

    @Test
    void closesInAThreadThatIsInterrupted() {
        ServerProcess process = ServerProcess.prepare("parent");
        process.start(PARENT, () -> hasChild(process));
        Thread.currentThread().interrupt();

        process.close();

        assertThat(Thread.interrupted()).isTrue();
        assertThat(process.isAlive()).isFalse();
        assertThat(process.directory()).doesNotExist();
    }

    @Test
    void showsTheLogOfWhatDoesNotStart() {
        ServerProcess process = ServerProcess.prepare("broken");

        assertThatThrownBy(() -> process.start(List.of("/bin/sh", "-c", "echo because; exit 1")))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("broken")
                .hasMessageContaining("because");
        assertThat(process.directory()).doesNotExist();
    }

    @Test
    void isKilledWhenTheJvmEnds() throws Exception {
        Process jvm =
                new ProcessBuilder(
                                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                                "-cp",
                                System.getProperty("java.class.path"),
                                Forgetful.class.getName())
                        .start();
        String said =
                new String(jvm.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();

        assertThat(jvm.waitFor(5, TimeUnit.MINUTES)).isTrue();
        String[] pidAndDirectory = said.split(" ");
        assertThat(pidAndDirectory).as(said).hasSize(2);
        assertThat(ProcessHandle.of(Long.parseLong(pidAndDirectory[0]))).isEmpty();
        assertThat(Path.of(pidAndDirectory[1])).doesNotExist();
    }

    /** Starts a process, and ends without closing it. */
    static final class Forgetful {
        private Forgetful() {}

        public static void main(String[] args) {
            ServerProcess process = ServerProcess.prepare("forgotten");
            process.start(PARENT, () -> hasChild(process));
            System.out.println(process.pid() + " " + process.directory());
            System.exit(0);
        }
    }

    private static boolean hasChild(ServerProcess process) {
        try {
            Path file = process.directory().resolve("child");
            return Files.exists(file) && Files.readString(file).endsWith("\n");
        } catch (IOException _) {
            return false;
        }
    }

    private static ProcessHandle child(ServerProcess process) throws IOException {
        String pid = Files.readString(process.directory().resolve("child")).strip();
        return ProcessHandle.of(Long.parseLong(pid)).orElseThrow();
    }

    private static boolean isGone(ProcessHandle process) {
        return !process.isAlive() || process.info().command().isEmpty();
    }

    /** {@return T when stopped, S when waiting} */
    private static String state(long pid) {
        return new Command(Path.of("/"), List.of("ps", "-o", "state=", "-p", Long.toString(pid)))
                .run();
    }
}
