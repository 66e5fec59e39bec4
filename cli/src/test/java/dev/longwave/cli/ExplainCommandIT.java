package dev.longwave.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code longwave explain} with real servers. */
final class ExplainCommandIT {

    private static final String NOBODY = "http://127.0.0.1:1";

    @TempDir private Path folder;
    private final DoctorServer first = DoctorServer.with();
    private final DoctorServer second = DoctorServer.with();
    private String id = "";

    @BeforeEach
    void publish() {
        CommandRun run = CommandRun.of("", "publish", "news", "hello", "--url", first.url());
        assertThat(run.exitCode()).as(run.err()).isZero();
        id = run.out().strip();
    }

    @AfterEach
    void close() {
        first.close();
        second.close();
    }

    private CommandRun explain(String topic, String... more) {
        String[] args = new String[more.length + 5];
        args[0] = "explain";
        args[1] = topic;
        args[2] = id;
        args[3] = "--admin";
        args[4] = first.adminUrl();
        System.arraycopy(more, 0, args, 5, more.length);
        return CommandRun.of("", args);
    }

    @Test
    void asksEachNode() {
        CommandRun read =
                CommandRun.of(
                        "",
                        "subscribe",
                        "news",
                        "--url",
                        first.url(),
                        "--since",
                        "earliest",
                        "--limit",
                        "1");
        assertThat(read.out()).contains("hello");

        CommandRun run = explain("news", "--subject", "", "--admin", second.adminUrl());

        assertThat(run.exitCode()).as(run.err()).isZero();
        assertThat(run.lines()).hasSize(2);
        assertThat(run.lines().getFirst())
                .startsWith(first.adminUrl() + " (node ")
                .contains("): delivered: the event was ");
        assertThat(run.lines().getLast())
                .startsWith(second.adminUrl() + " (node ")
                .contains("): event-unknown: ");
    }

    @Test
    void printsTheDocument() {
        CommandRun run = explain("news", "--connection", "00000000-1", "--json");

        assertThat(run.exitCode()).isZero();
        assertThat(Json.members(run.out()).orElseThrow())
                .containsEntry("outcome", "client-unknown")
                .containsEntry("otherNodesAsked", "false");
    }

    @Test
    void saysWhyANodeRefuses() {
        CommandRun run = explain("other", "--subject", "alice");

        assertThat(run.exitCode()).isEqualTo(ExitCode.REFUSED);
        assertThat(run.err()).contains("The event ID belongs to other topics");
    }

    @Test
    void asksTheOthersIfANodeIsGone() {
        CommandRun run = explain("news", "--subject", "alice", "--admin", NOBODY);

        assertThat(run.exitCode()).isEqualTo(ExitCode.GAVE_UP);
        assertThat(run.lines()).hasSize(1);
        assertThat(run.err()).contains(NOBODY + ": cannot connect");
    }

    @Test
    void sendsThePassword() throws IOException {
        String password = "correct-horse-battery-staple";
        Path file = Files.writeString(folder.resolve("password"), password + '\n');
        try (DoctorServer locked = DoctorServer.with("admin.password=" + password)) {
            String[] question = {
                "explain", "news", id, "--subject", "", "--admin", locked.adminUrl()
            };

            CommandRun without = CommandRun.of("", question);
            CommandRun with =
                    CommandRun.of(
                            "",
                            Stream.concat(
                                            Stream.of(question),
                                            Stream.of("--password-file", file.toString()))
                                    .toArray(String[]::new));

            assertThat(without.exitCode()).isEqualTo(ExitCode.REFUSED);
            assertThat(without.err()).contains("The admin listener needs its password");
            assertThat(with.exitCode()).as(with.err()).isZero();
        }
    }

    @Test
    void needsAClient() {
        assertThat(explain("news").exitCode()).isEqualTo(ExitCode.USAGE);
        assertThat(explain("news", "--subject", "a", "--connection", "b").exitCode())
                .isEqualTo(ExitCode.USAGE);
    }
}
