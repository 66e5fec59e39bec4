package dev.longwave.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.longwave.token.KeySet;
import dev.longwave.token.Token;
import dev.longwave.token.TokenIssuer;
import dev.longwave.token.TokenRules;
import dev.longwave.token.TokenVerifier;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code longwave token} and {@code longwave token inspect}. */
final class TokenCommandTest {

    @TempDir private Path folder;
    private String key = "";

    @BeforeEach
    void createKey() {
        key = createKey("jwt.key", "HS256");
    }

    @Test
    void printsATokenAndNothingElse() throws Exception {
        CommandRun run =
                sign(
                        "--subscribe",
                        "news/**",
                        "--subscribe",
                        "users/{sub}/*",
                        "--publish",
                        "orders/*",
                        "--presence",
                        "rooms/*",
                        "--ttl",
                        "PT15M",
                        "--issuer",
                        "https://issuer.example",
                        "--audience",
                        "events");

        assertThat(run.exitCode()).isZero();
        assertThat(run.err()).isEmpty();
        assertThat(run.out()).matches("[\\w-]+\\.[\\w-]+\\.[\\w-]+\n");
        Token token = verified(run);
        assertThat(token.subject()).isEqualTo("alice");
        assertThat(token.issuer()).isEqualTo("https://issuer.example");
        assertThat(token.audience()).containsExactly("events");
        assertThat(token.id()).isNotNull();
        assertThat(token.issued()).isEqualTo(token.expires().minusSeconds(15 * 60));
        assertThat(token.claims().get("longwave"))
                .isEqualTo(
                        Map.of(
                                "subscribe", List.of("news/**", "users/{sub}/*"),
                                "publish", List.of("orders/*"),
                                "presence", List.of("rooms/*")));
    }

    @Test
    void grantsNothingUnlessTold() throws Exception {
        Token token = verified(sign());

        assertThat(token.claims()).doesNotContainKeys("iss", "aud");
        assertThat(token.issued()).isEqualTo(token.expires().minusSeconds(3600));
        assertThat(token.claims().get("longwave"))
                .isEqualTo(
                        Map.of(
                                "subscribe", List.of(),
                                "publish", List.of(),
                                "presence", List.of()));
    }

    @Test
    void givesEachTokenItsOwnId() throws Exception {
        assertThat(verified(sign()).id()).isNotEqualTo(verified(sign()).id());
    }

    @ParameterizedTest
    @ValueSource(strings = {"PT0S", "-PT1H", "1 hour", "P36501D", ""})
    void refusesATimeToLiveThatIsNone(String ttl) {
        CommandRun run = sign("--ttl", ttl);

        assertThat(run.exitCode()).isEqualTo(ExitCode.USAGE);
        assertThat(run.out()).isEmpty();
        assertThat(run.err()).contains("--ttl");
    }

    @Test
    void needsAKeyAndASubject() {
        assertThat(CommandRun.of("", "token").err()).contains("--key and --sub are required");
        assertThat(CommandRun.of("", "token", "--key", key).exitCode()).isEqualTo(ExitCode.USAGE);
        assertThat(CommandRun.of("", "token", "--key", key, "--sub", "").err()).contains("\"sub\"");
        assertThat(CommandRun.of("", "token", "--sub", "alice").exitCode())
                .isEqualTo(ExitCode.USAGE);
    }

    @Test
    void saysWhatIsWrongWithAKey() throws Exception {
        Files.setPosixFilePermissions(Path.of(key), PosixFilePermissions.fromString("rw-r--r--"));
        String pair = createKey("ec.key", "ES256");

        CommandRun open = sign();
        CommandRun missing = CommandRun.of("", "token", "--key", key + "2", "--sub", "alice");
        CommandRun publicKey = CommandRun.of("", "token", "--key", pair + ".pub", "--sub", "alice");

        assertThat(open).isEqualTo(new CommandRun(ExitCode.USAGE, "", open.err()));
        assertThat(open.err()).contains("chmod 600 " + key);
        assertThat(missing).isEqualTo(new CommandRun(ExitCode.USAGE, "", missing.err()));
        assertThat(missing.err()).contains(key + "2", "does not exist");
        assertThat(publicKey).isEqualTo(new CommandRun(ExitCode.USAGE, "", publicKey.err()));
        assertThat(publicKey.err()).contains("use the private key");
    }

    @ParameterizedTest
    @ValueSource(strings = {"HS256", "ES256", "EdDSA", "RS256"})
    void inspectsATokenWithItsKey(String algorithm) {
        String signing = createKey("signing.key", algorithm);
        String verifying = algorithm.equals("HS256") ? signing : signing + ".pub";
        String token = CommandRun.of("", "token", "--key", signing, "--sub", "alice").out();

        CommandRun run = CommandRun.of(token, "token", "inspect", "-", "--key", verifying);

        assertThat(run.exitCode()).isZero();
        assertThat(run.err()).isEmpty();
        assertThat(run.out())
                .contains("\"alg\" : \"" + algorithm, "\"sub\" : \"alice\"", "Expires:    20")
                .endsWith("Accepted: the signature is valid, and so are the times, within 30 s.\n");
        assertThat(run.out()).doesNotContain(token.strip().substring(token.lastIndexOf('.') + 1));
        assertThat(CommandRun.of("", "token", "inspect", token.strip(), "--key", verifying))
                .isEqualTo(run);
    }

    @Test
    void inspectsATokenWithoutAKey() {
        CommandRun run = inspect(sign().out());

        assertThat(run.exitCode()).isZero();
        assertThat(run.lines())
                .contains("The signature was not checked: that needs --key FILE.")
                .anyMatch(line -> line.matches("Issued: +20..-..-..T..:..:..Z"))
                .anyMatch(line -> line.matches("Expires: +20..-..-..T..:..:..Z"));
    }

    @Test
    void saysThatATokenIsOfAnotherKey() {
        String other = createKey("other.key", "HS256");

        CommandRun run = inspect(sign().out(), "--key", other);

        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.out())
                .contains(
                        "\"sub\" : \"alice\"", "Refused: no configured key has the token's key ID");
    }

    @Test
    void saysThatATokenHasExpired() {
        long now = Instant.now().getEpochSecond();
        String token = issue(Map.of("exp", now - 60, "nbf", now + 60));

        CommandRun run = inspect(token, "--key", key);

        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.lines())
                .anyMatch(line -> line.startsWith("Expires: ") && line.endsWith(" (expired)"))
                .anyMatch(line -> line.startsWith("Not before: ") && line.endsWith(" (not yet)"))
                .contains("Refused: the token has expired: get a new one");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "mallory", "a.b", "eyJ.eyJ.eyJ.eyJ.eyJ", "e30.e30.=", "bnVsbA.e30."})
    void saysWhyATokenCannotBeRead(String token) {
        CommandRun run = inspect(token, "--key", key);

        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.err()).isEmpty();
        assertThat(run.out()).startsWith("Refused: the token").hasLineCount(1);
        assertThat(inspect(token)).isEqualTo(run);
    }

    @Test
    void showsTokensThatWouldBeRefused() {
        CommandRun unsigned = inspect("eyJhbGciOiJub25lIn0.eyJleHAiOiJ4In0.", "--key", key);

        assertThat(unsigned.exitCode()).isEqualTo(1);
        assertThat(unsigned.out())
                .contains("\"alg\" : \"none\"", "\"exp\" : \"x\"")
                .contains("Refused: the token's algorithm is not accepted");
    }

    /** A token must not be able to move the cursor, or to write from right to left. */
    @Test
    void escapesWhatATerminalWouldObey() {
        String token =
                issue(
                        Map.of(
                                "exp",
                                Instant.now().getEpochSecond() + 60,
                                "evil",
                                "\u001b[2J\u009b2J\u202e\u007f ü €"));

        CommandRun run = inspect(token);

        assertThat(run.out()).containsIgnoringCase("\"\\u001b[2J\\u009b2J\\u202e\\u007f ü €\"");
    }

    @Test
    void needsAKeyThatCanBeReadToInspect() {
        CommandRun run = inspect(sign().out(), "--key", key + "2");

        assertThat(run).isEqualTo(new CommandRun(ExitCode.USAGE, "", run.err()));
        assertThat(run.err()).contains("does not exist");
        assertThat(CommandRun.of("", "token", "inspect").exitCode()).isEqualTo(ExitCode.USAGE);
    }

    @Test
    void readsNoMoreThanATokenCanBe() {
        CommandRun run = inspect("x".repeat(1_000_000));

        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.out()).contains("Refused: the token is too long", "max=8192");
    }

    private CommandRun sign(String... options) {
        List<String> args = new ArrayList<>(List.of("token", "--key", key, "--sub", "alice"));
        args.addAll(List.of(options));
        return CommandRun.of("", args.toArray(String[]::new));
    }

    private static CommandRun inspect(String token, String... options) {
        List<String> args = new ArrayList<>(List.of("token", "inspect", "-"));
        args.addAll(List.of(options));
        return CommandRun.of(token, args.toArray(String[]::new));
    }

    private String issue(Map<String, Object> claims) {
        return new TokenIssuer(KeySet.read(Path.of(key))).issue(claims);
    }

    private Token verified(CommandRun run) throws Exception {
        return TokenVerifier.verify(
                run.out().strip(), KeySet.read(Path.of(key)), TokenRules.DEFAULT, Instant.now());
    }

    private String createKey(String name, String algorithm) {
        String file = folder.resolve(name).toString();
        assertThat(CommandRun.of("", "keygen", "--out", file, "--alg", algorithm).exitCode())
                .isZero();
        return file;
    }
}
