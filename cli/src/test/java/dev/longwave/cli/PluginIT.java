package dev.longwave.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.longwave.testing.CompiledJar;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Plugins of an installation, as its operator sees them. */
final class PluginIT {

    private static final String SERVICE_FILE =
            "META-INF/services/dev.longwave.broker.BrokerProvider";

    @TempDir private Path home;

    @Test
    void listsAPluginAndSaysInOneLineWhyItCannotConnect() throws Exception {
        Path jar = provider().write(home.resolve("plugins/tape/tape.jar"));

        CommandRun listed = run("brokers", "tape");
        CommandRun served = run("serve", "--port", "0", "--set", "broker.type=tape");

        assertThat(listed.exitCode()).isZero();
        assertThat(listed.lines())
                .contains("tape", "  from     " + jar, "  can      it does not say")
                .contains("    broker.tape.length (number; default: 60)");
        assertThat(served)
                .isEqualTo(
                        new CommandRun(
                                1,
                                "",
                                "longwave: no tape; cause: ConnectException: Connection"
                                        + " refused\n"));
    }

    @Test
    void stopsAServerWhosePluginIsBrokenWithOneLine() throws Exception {
        Path folder = home.resolve("plugins/tape");
        var _ =
                provider()
                        .source("example.Reel", "package example; public class Reel {}")
                        .source(
                                "example.TapeProvider",
                                source().replace("implements", "extends Reel implements"))
                        .without("example.Reel")
                        .write(folder.resolve("tape.jar"));

        CommandRun listed = run("brokers");
        CommandRun served = run("serve", "--port", "0", "--set", "broker.type=tape");

        String line = "class example.Reel is missing: put the jar that contains it into the folder";
        assertThat(served.exitCode()).isEqualTo(2);
        assertThat(served.err().lines())
                .singleElement()
                .asString()
                .contains(line, "folder=" + folder + " jar=tape.jar");
        assertThat(listed.exitCode()).isEqualTo(1);
        assertThat(listed.out()).contains(line, "folder=" + folder + " jar=tape.jar");
    }

    @Test
    void startsAServerThatDoesNotUseABrokenPluginWithAWarning() throws Exception {
        Files.createDirectories(home.resolve("plugins/tape"));
        Path log = home.resolve("log");

        try (var _ =
                LongwaveProcess.serve(
                        log, List.of("-Dlongwave.home=" + home), "broker.type=memory")) {
            assertThat(Files.readAllLines(log))
                    .filteredOn(entry -> entry.contains(" WARNING dev.longwave"))
                    .singleElement()
                    .asString()
                    .contains("a plugin cannot be used", "folder=" + home.resolve("plugins/tape"));
        }
    }

    private static CompiledJar provider() {
        return new CompiledJar()
                .source("example.TapeProvider", source())
                .resource(SERVICE_FILE, "example.TapeProvider\n");
    }

    private static String source() {
        return """
        package example;
        import dev.longwave.broker.*;
        public final class TapeProvider implements BrokerProvider {
            public String type() { return "tape"; }
            public String spiVersion() { return SpiVersion.CURRENT; }
            public BrokerFactory settings(Settings settings) {
                settings.number("length", 60, 1, 90, "How many minutes a tape has.");
                return context -> {
                    throw new BrokerUnavailableException(
                            "no tape", new java.net.ConnectException("Connection refused"));
                };
            }
        }
        """;
    }

    private CommandRun run(String... arguments) throws IOException, InterruptedException {
        ProcessBuilder builder = LongwaveProcess.builder(new ArrayList<>(List.of(arguments)));
        builder.command().add(1, "-Dlongwave.home=" + home);
        Process process = builder.start();
        process.getOutputStream().close();
        String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        String err = new String(process.getErrorStream().readAllBytes(), StandardCharsets.UTF_8);
        return new CommandRun(process.waitFor(), out, err);
    }
}
