package dev.longwave.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.util.List;
import java.util.SequencedCollection;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import picocli.CommandLine;

/**
 * A report of the doctor.
 *
 * @param exitCode the command's
 * @param report its JSON
 */
record DoctorRun(int exitCode, JsonNode report) {

    private static final ObjectMapper JSON = new ObjectMapper();

    /** Examines {@code url} with these options. */
    static DoctorRun of(String url, String... options) {
        return at(InstantSource.system(), url, options);
    }

    /** The same, on a machine with this clock. */
    static DoctorRun at(InstantSource clock, String url, String... options) {
        var out = new ByteArrayOutputStream();
        var err = new ByteArrayOutputStream();
        var terminal =
                new Terminal(
                        InputStream.nullInputStream(),
                        out,
                        new PrintStream(err, true, StandardCharsets.UTF_8));
        String[] args =
                Stream.concat(Stream.of(url, "--json"), Stream.of(options)).toArray(String[]::new);
        int exitCode = new CommandLine(new DoctorCommand(terminal, clock)).execute(args);
        String printed = out.toString(StandardCharsets.UTF_8);
        assertThat(printed).as("errors: " + err.toString(StandardCharsets.UTF_8)).isNotEmpty();
        try {
            return new DoctorRun(exitCode, JSON.readTree(printed));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** What is wrong. */
    List<String> codes() {
        return names("findings", "code");
    }

    /** The checks that found nothing. */
    List<String> passed() {
        return names("passed", "check");
    }

    /** The checks that could not be made. */
    List<String> unchecked() {
        return names("unchecked", "check");
    }

    private List<String> names(String list, String member) {
        return StreamSupport.stream(report.get(list).spliterator(), false)
                .map(line -> line.get(member).textValue())
                .toList();
    }

    /** That this is wrong, and nothing else. */
    void assertFound(SequencedCollection<String> codes) {
        assertThat(codes()).as(report.toPrettyString()).containsExactlyInAnyOrderElementsOf(codes);
        assertThat(report.get("ok").booleanValue()).isFalse();
        assertThat(exitCode).isEqualTo(1);
        report.get("findings")
                .forEach(finding -> assertThat(finding.get("fix").textValue()).isNotBlank());
    }

    void assertWell() {
        assertThat(codes()).as(report.toPrettyString()).isEmpty();
        assertThat(report.get("ok").booleanValue()).isTrue();
        assertThat(exitCode).isZero();
    }
}
