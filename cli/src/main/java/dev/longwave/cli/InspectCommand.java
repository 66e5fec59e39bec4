package dev.longwave.cli;

import dev.longwave.token.KeyException;
import dev.longwave.token.KeySet;
import dev.longwave.token.TokenRefusedException;
import dev.longwave.token.TokenRules;
import dev.longwave.token.TokenVerifier;
import dev.longwave.token.UnverifiedToken;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Shows what a token says, and whether it would be accepted. */
@Command(
        name = "inspect",
        mixinStandardHelpOptions = true,
        versionProvider = Longwave.Version.class,
        sortOptions = false,
        synopsisHeading = "%nUsage: ",
        descriptionHeading = "%n",
        header = "Show what a token says and, with a key, why it would be refused.",
        description = {
            "Prints the token's header, claims, and times, but not its signature. The server may"
                + " also require an issuer, an audience, or a type, which are not checked here.%n"
        },
        parameterListHeading = "Parameters:%n",
        optionListHeading = "%nOptions:%n",
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:The token can be accepted; or there is no --key, and it can be read.",
            "1:The token is refused.",
            "2:The command line or the key is invalid."
        },
        footer = {
            "",
            "Examples:",
            "  longwave token inspect - --key jwt.key < token.txt",
            "  longwave token inspect TOKEN"
        })
final class InspectCommand implements Callable<Integer> {

    private static final long YEAR_10000 = 253_402_300_800L;

    /** What a terminal could obey. */
    private static final Pattern CONTROLS = Pattern.compile("[\\p{Cc}\\p{Cf}&&[^\\n]]");

    private final Terminal terminal;
    private final InstantSource clock;

    @Parameters(
            index = "0",
            paramLabel = "TOKEN",
            description =
                    "The token; - reads it from standard input, so that others on this machine"
                            + " cannot see it in the list of processes.")
    private String token = "";

    @Option(
            names = "--key",
            paramLabel = "FILE",
            description = "The key that the server would verify the token with: JWK or PEM.")
    private @Nullable Path key;

    InspectCommand(Terminal terminal, InstantSource clock) {
        this.terminal = terminal;
        this.clock = clock;
    }

    @Override
    public Integer call() throws IOException {
        Optional<KeySet> keys;
        try {
            keys = Optional.ofNullable(key).map(KeySet::read);
        } catch (KeyException e) {
            terminal.say(String.valueOf(e.getMessage()));
            return ExitCode.USAGE;
        }
        try {
            UnverifiedToken unverified = UnverifiedToken.parse(text());
            Instant now = clock.instant();
            terminal.print(
                    CONTROLS.matcher(content(unverified, now)).replaceAll(InspectCommand::escaped));
            if (keys.isEmpty()) {
                terminal.print("The signature was not checked: that needs --key FILE.\n");
                return ExitCode.DONE;
            }
            TokenVerifier.verify(unverified, keys.get(), TokenRules.DEFAULT, now);
            terminal.print(
                    "Accepted: the signature is valid, and so are the times, within %d s.\n"
                            .formatted(TokenRules.DEFAULT.leeway().toSeconds()));
            return ExitCode.DONE;
        } catch (TokenRefusedException e) {
            terminal.print("Refused: " + e.getMessage() + '\n');
            return ExitCode.GAVE_UP;
        }
    }

    private String text() throws IOException {
        if (!token.equals("-")) {
            return token;
        }
        byte[] start = terminal.in().readNBytes(2 * TokenVerifier.MAX_LENGTH);
        return new String(start, StandardCharsets.UTF_8).strip();
    }

    private static String content(UnverifiedToken token, Instant now) {
        var content = new StringBuilder();
        content.append("Header: ").append(Json.pretty(token.header())).append('\n');
        content.append("Claims: ").append(Json.pretty(token.claims())).append('\n');
        time(token, "iat").ifPresent(at -> content.append("Issued:     " + at + '\n'));
        time(token, "nbf")
                .ifPresent(at ->
                        content.append(
                                "Not before: "
                                        + at
                                        + (now.isBefore(at) ? " (not yet)" : "")
                                        + '\n'));
        time(token, "exp")
                .ifPresent(at ->
                        content.append(
                                "Expires:    "
                                        + at
                                        + (now.isBefore(at) ? "" : " (expired)")
                                        + '\n'));
        return content.toString();
    }

    /** A claim that is a time; of one that is not, the verifier says so. */
    private static Optional<Instant> time(UnverifiedToken token, String claim) {
        return Optional.ofNullable(token.claims().get(claim))
                .filter(Number.class::isInstance)
                .map(seconds -> ((Number) seconds).longValue())
                .filter(seconds -> seconds >= 0 && seconds < YEAR_10000)
                .map(Instant::ofEpochSecond);
    }

    private static String escaped(MatchResult control) {
        return control.group()
                .chars()
                .mapToObj("\\\\u%04x"::formatted)
                .collect(Collectors.joining());
    }
}
