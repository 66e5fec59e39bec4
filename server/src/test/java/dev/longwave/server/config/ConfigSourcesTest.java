package dev.longwave.server.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.longwave.broker.BrokerConfigurationException;
import dev.longwave.broker.Settings;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class ConfigSourcesTest {

    private final ConfigSources sources =
            new ConfigSources(List.of("port", "sse.heartbeat-interval", "a-b.c", "a.b-c"));
    private Path file = Path.of("");

    @BeforeEach
    void nameFile(@TempDir Path folder) {
        file = folder.resolve("longwave.yaml");
    }

    @Test
    void hasNoSettingsWithoutSources() {
        assertThat(sources.settings().names()).isEmpty();
    }

    @Test
    void letsTheLaterSourceWin() throws Exception {
        write("port: 1\nsse: {heartbeat-interval: PT1S}\nhost: h\n");

        sources.file(file)
                .environment(
                        Map.of("LONGWAVE_PORT", "2", "LONGWAVE_SSE_HEARTBEAT_INTERVAL", "PT2S"))
                .assignments(List.of("port=3", "port=4"));

        assertThat(text("host")).isEqualTo("h");
        assertThat(text("sse.heartbeat-interval")).isEqualTo("PT2S");
        assertThat(text("port")).isEqualTo("4");
    }

    @Test
    void takesTheSettingsOfBrokersWhoseKeysItDoesNotKnow() {
        sources.environment(
                Map.of(
                        "LONGWAVE_BROKER_NATS_SERVERS", "nats://one",
                        "LONGWAVE_BROKER_NATS_INBOX_PREFIX", "_I"));

        assertThat(text("broker.nats.servers")).isEqualTo("nats://one");
        assertThat(text("broker.nats.inbox-prefix")).isEqualTo("_I");
        assertThatThrownBy(() -> sources.environment(Map.of("LONGWAVE_BROKER_NATS", "x")))
                .isInstanceOf(BrokerConfigurationException.class)
                .hasMessageStartingWith("unknown environment variable: LONGWAVE_BROKER_NATS");
    }

    @Test
    void flattensSectionsAndLists() throws Exception {
        write(
                """
                # a comment
                sse:
                  heartbeat-interval: PT15S
                  deep: {er: 1}
                cors.origins:
                  - https://a.example
                  - "https://b.example"
                none: []
                policies:
                  - topic: news/**
                    lag: latest
                  - topic: '*'
                """);

        sources.file(file);

        assertThat(text("sse.heartbeat-interval")).isEqualTo("PT15S");
        assertThat(text("sse.deep.er")).isEqualTo("1");
        assertThat(text("cors.origins")).isEqualTo("https://a.example,https://b.example");
        assertThat(text("none")).isEmpty();
        assertThat(text("policies.0.topic")).isEqualTo("news/**");
        assertThat(text("policies.0.lag")).isEqualTo("latest");
        assertThat(text("policies.1.topic")).isEqualTo("*");
    }

    @Test
    void takesValuesAsTheyStandThere() throws Exception {
        write(
                """
                octal: 010
                time: 12:30
                no: no
                underscore: 1_000
                date: 2026-01-01
                quoted: "null"
                """);

        sources.file(file);

        assertThat(List.of("octal", "time", "no", "underscore", "date", "quoted"))
                .map(this::text)
                .containsExactly("010", "12:30", "no", "1_000", "2026-01-01", "null");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "# nothing",
                "---",
                "sse:\n# heartbeat-interval: PT1S",
                "sse: ~",
                "sse: {}"
            })
    void setsNothingWhereThereIsNoValue(String yaml) throws Exception {
        write(yaml);

        sources.file(file);

        assertThat(sources.settings().names()).isEmpty();
    }

    @Test
    void namesFileAndLineOfMalformedYaml() throws Exception {
        write("port: 1\nsse:\n  heartbeat-interval: [PT1S\nhost: h\n");

        assertThatThrownBy(() -> sources.file(file))
                .isInstanceOf(BrokerConfigurationException.class)
                .hasMessageContaining("file=" + file)
                .hasMessageContaining("line=4");
    }

    @Test
    void namesTheLineOfAKeyThatIsSetTwice() throws Exception {
        assertBad("sse: {a: 1}\nport: 1\nsse.a: 2\n", "sse.a is set twice", 3);
        assertBad("port: 1\nport: 2\n", "port is set twice", 2);
    }

    @Test
    void refusesWhatAreNoSettings() throws Exception {
        assertBad("\n- a\n- b\n", "must be settings", 2);
        assertBad("port\n", "must be settings", 1);
        assertBad("? [a]\n: b\n", "a key must be a word", 1);
        assertBad("list:\n  - a\n  - {b: c}\n", "list must be a list of words", 3);
        assertBad("list: [a, ~]\n", "list must be a list of words", 1);
        assertBad("list:\n- 'a,b'\n", "must not have a comma", 2);
        assertBad("a: &a\n  b: *a\n", "nested too deep", 1);
    }

    @Test
    void makesNoObjects() throws Exception {
        write("port: !!javax.script.ScriptEngineManager [a]\n");

        assertThatThrownBy(() -> sources.file(file))
                .isInstanceOf(BrokerConfigurationException.class)
                .hasMessageContaining("tag is not allowed")
                .hasMessageEndingWith(" line=1");
    }

    @Test
    void refusesASecondDocument() throws Exception {
        write("port: 1\n---\nport: 2\n");

        assertThatThrownBy(() -> sources.file(file)).hasMessageContaining("line=2");
    }

    @Test
    void namesAFileThatIsNotThereOrIsNotText() throws Exception {
        assertThatThrownBy(() -> sources.file(file))
                .isInstanceOf(BrokerConfigurationException.class)
                .hasMessage("configuration file: there is no such file file=" + file);

        Files.write(file, "host: ü".getBytes(StandardCharsets.ISO_8859_1));
        assertThatThrownBy(() -> sources.file(file))
                .isInstanceOf(BrokerConfigurationException.class)
                .hasMessage("configuration file: not UTF-8 file=" + file);
    }

    @Test
    void takesOnlyItsOwnVariables() {
        sources.environment(
                Map.of(
                        "PATH", "/bin",
                        "LONGWAVE_URL", "http://h",
                        "LONGWAVE_HOME", "/opt",
                        "LONGWAVE_JAVA_OPTS", "-Xmx1g",
                        "LONGWAVE_AOT_CACHE", "/tmp/cache",
                        "LONGWAVE_PORT", "1"));

        assertThat(sources.settings().names()).containsExactly("port");
    }

    @Test
    void stopsAtAnUnknownVariableAndNamesTheNearest() {
        assertThatThrownBy(
                        () -> sources.environment(Map.of("LONGWAVE_SSE_HEARTBEAT_INTERVALL", "x")))
                .isInstanceOf(BrokerConfigurationException.class)
                .hasMessage(
                        "unknown environment variable: LONGWAVE_SSE_HEARTBEAT_INTERVALL;"
                                + " did you mean LONGWAVE_SSE_HEARTBEAT_INTERVAL?");
    }

    @Test
    void stopsAtAVariableThatMayMeanSeveralKeys() {
        assertThatThrownBy(() -> sources.environment(Map.of("LONGWAVE_A_B_C", "x")))
                .isInstanceOf(BrokerConfigurationException.class)
                .hasMessageContaining("may mean a-b.c or a.b-c");
    }

    @Test
    void letsTheEnvironmentSetWhatTheFileNames() throws Exception {
        write("policies:\n  - lag-policy: latest\n");

        sources.file(file).environment(Map.of("LONGWAVE_POLICIES_0_LAG_POLICY", "replay"));

        assertThat(text("policies.0.lag-policy")).isEqualTo("replay");
    }

    @Test
    void keepsWhatFollowsTheFirstEqualsSign() {
        sources.assignments(List.of("a = b=c ", "empty="));

        assertThat(text("a")).isEqualTo("b=c");
        assertThat(text("empty")).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "port", "=1"})
    void refusesAnAssignmentWithoutItsKeyOrSign(String assignment) {
        assertThatThrownBy(() -> sources.assignments(List.of(assignment)))
                .isInstanceOf(BrokerConfigurationException.class)
                .hasMessageContaining("key=value");
    }

    private void assertBad(String yaml, String problem, int line) throws IOException {
        write(yaml);

        assertThatThrownBy(() -> sources.file(file))
                .isInstanceOf(BrokerConfigurationException.class)
                .hasMessageContaining(problem)
                .hasMessageEndingWith(" line=" + line);
    }

    private void write(String yaml) throws IOException {
        Files.writeString(file, yaml);
    }

    private String text(String key) {
        Settings settings = sources.settings();
        return settings.text(key, "a purpose").orElseThrow();
    }
}
