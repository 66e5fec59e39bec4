package dev.longwave.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.longwave.token.KeySet;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class KeygenCommandTest {

    @TempDir private Path folder;

    @Test
    void writesASecretThatOnlyItsOwnerCanRead() throws Exception {
        Path file = folder.resolve("jwt.key");

        CommandRun run = CommandRun.of("", "keygen", "--out", file.toString());

        assertThat(run.exitCode()).isZero();
        assertThat(permissions(file)).isEqualTo("rw-------");
        assertThat(KeySet.read(file).toString()).contains("[HS256]");
        assertThat(folder.resolve("jwt.key.pub")).doesNotExist();
        assertThat(run.lines())
                .contains(
                        "  longwave serve --set auth.jwt.key-file=" + file,
                        "  longwave token --key %s --sub alice --subscribe 'news/**'"
                                .formatted(file));
        assertThat(run.out()).doesNotContain("\"k\"");
    }

    @ParameterizedTest
    @ValueSource(strings = {"ES256", "EdDSA", "RS256"})
    void writesThePublicHalfOfAPairBesideIt(String algorithm) throws Exception {
        Path file = folder.resolve("jwt.key");
        Path half = folder.resolve("jwt.key.pub");

        CommandRun run = CommandRun.of("", "keygen", "--out", file.toString(), "--alg", algorithm);

        assertThat(run.exitCode()).isZero();
        assertThat(permissions(file)).isEqualTo("rw-------");
        assertThat(permissions(half)).isEqualTo("rw-r--r--");
        assertThat(KeySet.read(file))
                .hasToString(KeySet.read(half).toString())
                .asString()
                .contains(algorithm);
        assertThat(Files.readString(half)).doesNotContain("\"d\"");
        assertThat(run.lines()).contains("  longwave serve --set auth.jwt.key-file=" + half);
    }

    @Test
    void printsAnApiKeyAndItsEntry() throws Exception {
        CommandRun run =
                CommandRun.of(
                        "",
                        "keygen",
                        "--api-key",
                        "shop-1",
                        "--publish",
                        "orders/*",
                        "--publish",
                        "stock",
                        "--subscribe",
                        "orders/**");

        assertThat(run.exitCode()).isZero();
        assertThat(run.lines()).hasSize(2);
        String key = run.lines().getFirst();
        assertThat(key).matches("lwk_[0-9a-f]{64}");
        String hash =
                HexFormat.of()
                        .formatHex(
                                MessageDigest.getInstance("SHA-256")
                                        .digest(key.getBytes(StandardCharsets.UTF_8)));
        assertThat(run.lines().getLast())
                .isEqualTo(
                        "shop-1: {sha256: \"%s\", publish: [\"orders/*\", \"stock\"], subscribe: [\"orders/**\"]}"
                                .formatted(hash));
        assertThat(run.err()).contains("auth.keys-file").doesNotContain(key);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "--publish a",
                "--out x --publish a",
                "--api-key k --out x",
                "--api-key k --alg ES256",
                "--api-key a:b",
                "--api-key k --publish a,b"
            })
    void refusesWhatDoesNotGoTogether(String options) {
        CommandRun run = CommandRun.of("", ("keygen " + options).strip().split(" ", -1));

        assertThat(run.exitCode()).isEqualTo(2);
        assertThat(run.out()).isEmpty();
    }

    @Test
    void overwritesNothing() throws Exception {
        Path file = Files.writeString(folder.resolve("jwt.key"), "precious");

        CommandRun run = CommandRun.of("", "keygen", "--out", file.toString(), "--alg", "ES256");

        assertThat(run.exitCode()).isEqualTo(ExitCode.GAVE_UP);
        assertThat(run.err()).contains(file + " exists already");
        assertThat(file).hasContent("precious");
        assertThat(folder.resolve("jwt.key.pub")).doesNotExist();
    }

    @Test
    void overwritesNoPublicKey() throws Exception {
        Path half = Files.writeString(folder.resolve("jwt.key.pub"), "precious");
        Path file = folder.resolve("jwt.key");

        CommandRun run = CommandRun.of("", "keygen", "--out", file.toString(), "--alg", "ES256");

        assertThat(run.exitCode()).isEqualTo(ExitCode.GAVE_UP);
        assertThat(run.err()).contains(half + " exists already");
        assertThat(half).hasContent("precious");
        assertThat(file).doesNotExist();
    }

    @Test
    void saysWhenTheFileCannotBeWritten() {
        CommandRun run =
                CommandRun.of("", "keygen", "--out", folder.resolve("none/jwt.key").toString());

        assertThat(run.exitCode()).isEqualTo(ExitCode.GAVE_UP);
        assertThat(run.err()).contains("cannot write the key", "none/jwt.key");
    }

    @ParameterizedTest
    @ValueSource(strings = {"none", "HS512", "eddsa", "PS256"})
    void makesNoKeysForOtherAlgorithms(String algorithm) {
        Path file = folder.resolve("jwt.key");

        CommandRun run = CommandRun.of("", "keygen", "--out", file.toString(), "--alg", algorithm);

        assertThat(run.exitCode()).isEqualTo(ExitCode.USAGE);
        assertThat(run.err()).contains("expected HS256, ES256, EdDSA, or RS256");
        assertThat(file).doesNotExist();
    }

    @Test
    void needsAFile() {
        assertThat(CommandRun.of("", "keygen").exitCode()).isEqualTo(ExitCode.USAGE);
    }

    private static String permissions(Path file) throws IOException {
        return PosixFilePermissions.toString(Files.getPosixFilePermissions(file));
    }
}
