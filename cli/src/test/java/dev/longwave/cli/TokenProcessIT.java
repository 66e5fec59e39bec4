package dev.longwave.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The commands of a shell script that creates a key, signs a token and inspects it. */
final class TokenProcessIT {

    @TempDir private Path folder;

    @Test
    void createsAKeySignsATokenAndInspectsIt() throws Exception {
        String key = folder.resolve("jwt.key").toString();

        CommandRun keygen = run("", "keygen", "--out", key, "--alg", "EdDSA");
        CommandRun token = run("", "token", "--key", key, "--sub", "alice");
        CommandRun accepted = run(token.out(), "token", "inspect", "-", "--key", key + ".pub");
        CommandRun refused = run("x" + token.out(), "token", "inspect", "-", "--key", key);

        assertThat(keygen.exitCode()).isZero();
        assertThat(token).isEqualTo(new CommandRun(0, token.out(), ""));
        assertThat(token.out()).matches("[\\w-]+\\.[\\w-]+\\.[\\w-]+\n");
        assertThat(accepted.exitCode()).isZero();
        assertThat(accepted.out()).contains("Accepted: ");
        assertThat(refused.exitCode()).isEqualTo(1);
        assertThat(refused.out()).startsWith("Refused: ");
    }

    /**
     * The way of the documentation: a key, a server that trusts it, a token, and a client with it.
     */
    @Test
    void signsInWhereTheKeyIsTrusted() throws Exception {
        String key = folder.resolve("server.json").toString();
        var _ = run("", "keygen", "--out", key);
        CommandRun token =
                run("", "token", "--key", key, "--sub", "me", "--publish", "a", "--subscribe", "a");
        Path file = Files.writeString(folder.resolve("token"), token.out());
        try (LongwaveProcess server = LongwaveProcess.serve("auth.jwt.key-file=" + key)) {
            String url = server.uri("/").toString();

            CommandRun without = run("", "publish", "a", "x", "--url", url);
            CommandRun with =
                    run(
                            "",
                            "publish",
                            "a",
                            "x",
                            "--end",
                            "--url",
                            url,
                            "--token-file",
                            file.toString());
            CommandRun read =
                    run(
                            "",
                            "subscribe",
                            "a",
                            "--since",
                            "earliest",
                            "--url",
                            url,
                            "--token-file",
                            file.toString());

            assertThat(without.exitCode()).isEqualTo(3);
            assertThat(without.err()).contains("sign in");
            assertThat(with.exitCode()).isZero();
            assertThat(read).isEqualTo(new CommandRun(0, "x\n", ""));
        }
    }

    private static CommandRun run(String input, String... arguments)
            throws IOException, InterruptedException {
        Process process = LongwaveProcess.builder(List.of(arguments)).start();
        try (var in = process.getOutputStream()) {
            in.write(input.getBytes(StandardCharsets.UTF_8));
        }
        String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        String err = new String(process.getErrorStream().readAllBytes(), StandardCharsets.UTF_8);
        return new CommandRun(process.waitFor(), out, err);
    }
}
