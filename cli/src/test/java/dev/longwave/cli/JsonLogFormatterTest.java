package dev.longwave.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.time.Instant;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import org.junit.jupiter.api.Test;

final class JsonLogFormatterTest {

    private final LogRecord entry = new LogRecord(Level.WARNING, "the topic {0} is \"{1}\"");

    @Test
    void writesOneObjectInOneLine() throws Exception {
        entry.setLoggerName("dev.longwave.core.Hub");
        entry.setInstant(Instant.parse("2030-01-01T12:00:00.1234Z"));
        entry.setParameters(new Object[] {"a", "b\nc"});

        String line = new JsonLogFormatter().format(entry);

        assertThat(line)
                .isEqualTo(
                        "{\"time\":\"2030-01-01T12:00:00.123Z\",\"level\":\"WARNING\","
                                + "\"logger\":\"dev.longwave.core.Hub\","
                                + "\"message\":\"the topic a is \\\"b\\nc\\\"\"}\n");
    }

    @Test
    void hasTheStackTraceInTheSameLine() throws Exception {
        entry.setThrown(new IllegalStateException("broken"));

        String line = new JsonLogFormatter().format(entry);

        JsonNode object = new JsonMapper().readTree(line);
        assertThat(line.lines()).hasSize(1);
        assertThat(object.path("thrown").textValue())
                .startsWith("java.lang.IllegalStateException: broken\n\tat ");
    }
}
