package dev.longwave.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.longwave.broker.SpiVersion;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class BrokersCommandTest {

    @TempDir private Path plugins;

    @Test
    void listsWhatTheDistributionHas() {
        CommandRun run = brokers();

        assertThat(run.exitCode()).isZero();
        assertThat(run.err()).isEmpty();
        assertThat(run.lines())
                .containsSubsequence("memory", "nats", "postgres", "redis")
                .contains("  SPI      " + SpiVersion.CURRENT)
                .anyMatch(line ->
                        line.startsWith("  from     ") && line.endsWith("(part of Longwave)"))
                .anyMatch(line -> line.startsWith("  can      history, deduplication, "))
                .anyMatch(line -> line.startsWith("    broker.redis.uri (text; default: "))
                .noneMatch(line -> line.contains("cannot be used"));
    }

    @Test
    void listsOneBroker() {
        CommandRun run = brokers("memory");

        assertThat(run.exitCode()).isZero();
        assertThat(run.lines().getFirst()).isEqualTo("memory");
        assertThat(run.out()).contains("broker.memory.").doesNotContain("broker.nats.");
    }

    @Test
    void namesTheBrokerThatIsMeant() {
        CommandRun run = brokers("postgress");

        assertThat(run.exitCode()).isEqualTo(ExitCode.USAGE);
        assertThat(run.err()).contains("value=postgress", "did you mean postgres?");
    }

    @Test
    void saysWhatIsBrokenInWhichFolder() throws IOException {
        Files.createDirectory(plugins.resolve("tape"));
        Files.writeString(plugins.resolve("loose.jar"), "");

        CommandRun run = brokers();

        assertThat(run.exitCode()).isEqualTo(ExitCode.GAVE_UP);
        assertThat(run.lines())
                .contains("memory", "cannot be used")
                .anyMatch(line -> line.endsWith(" folder=" + plugins + " jar=loose.jar"))
                .anyMatch(line ->
                        line.startsWith("  there is no jar in it")
                                && line.endsWith(" folder=" + plugins.resolve("tape")));
    }

    @Test
    void printsJson() throws IOException {
        Files.createDirectory(plugins.resolve("tape"));

        CommandRun run = brokers("--json");

        JsonNode json = new ObjectMapper().readTree(run.out());
        assertThat(run.exitCode()).isEqualTo(ExitCode.GAVE_UP);
        JsonNode memory = json.get("brokers").get(0);
        assertThat(memory.get("type").textValue()).isEqualTo("memory");
        assertThat(memory.get("spiVersion").textValue()).isEqualTo(SpiVersion.CURRENT);
        assertThat(memory.get("plugin").booleanValue()).isFalse();
        assertThat(memory.get("capabilities").toString()).contains("\"history\"");
        assertThat(memory.get("settings").get(0).get("key").textValue())
                .startsWith("broker.memory.");
        assertThat(memory.get("settings").get(0).get("purpose").textValue()).isNotEmpty();
        assertThat(json.at("/broken/0/folder").textValue())
                .isEqualTo(plugins.resolve("tape").toString());
        assertThat(json.at("/broken/0/jar").isNull()).isTrue();
        assertThat(json.at("/broken/0/reason").textValue()).startsWith("there is no jar in it");
    }

    private CommandRun brokers(String... arguments) {
        var all = new ArrayList<String>();
        all.add("brokers");
        all.addAll(List.of(arguments));
        all.add("--plugins");
        all.add(plugins.toString());
        return CommandRun.of("", all.toArray(String[]::new));
    }
}
