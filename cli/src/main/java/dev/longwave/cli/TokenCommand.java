package dev.longwave.cli;

import dev.longwave.token.KeyException;
import dev.longwave.token.KeySet;
import dev.longwave.token.TokenIssuer;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Signs a token. */
@Command(
        name = "token",
        mixinStandardHelpOptions = true,
        versionProvider = Longwave.Version.class,
        sortOptions = false,
        synopsisHeading = "%nUsage: ",
        descriptionHeading = "%n",
        header = "Sign a token for a client, or inspect one.",
        description = {
            "Prints a JSON Web Token that says who the client is, and which topics it may use. It"
                    + " is meant for development and operations; applications sign tokens with a"
                    + " library of their language.%n"
        },
        optionListHeading = "%nOptions:%n",
        commandListHeading = "%nCommands:%n",
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {"0:The token was printed.", "2:The command line or the key is invalid."},
        footer = {
            "",
            "Examples:",
            "  longwave token --key jwt.key --sub alice --subscribe 'news/**' --ttl 15m",
            "  longwave token --key jwt.key --sub shop --publish 'orders/*' --publish stock",
            "  longwave token inspect TOKEN --key jwt.key"
        })
final class TokenCommand implements Callable<Integer> {

    private static final Duration MAX_TTL = Duration.ofDays(36_500);

    private final Terminal terminal;
    private final InstantSource clock;

    // Not required for picocli, which would require them of "token inspect", too.
    @Option(
            names = "--key",
            paramLabel = "FILE",
            description = "The key, as longwave keygen creates it: a JWK, or PEM (PKCS#8).")
    private @Nullable Path key;

    @Option(
            names = "--sub",
            paramLabel = "SUBJECT",
            description = "Who the client is, such as a user's ID.")
    private @Nullable String subject;

    @Option(
            names = "--subscribe",
            paramLabel = "PATTERN",
            description =
                    "Topics that the client may read, such as jobs/42, news/*, or"
                            + " 'users/{sub}/**'. May be repeated.")
    private List<String> subscribe = List.of();

    @Option(
            names = "--publish",
            paramLabel = "PATTERN",
            description = "Topics that the client may publish to. May be repeated.")
    private List<String> publish = List.of();

    @Option(
            names = "--presence",
            paramLabel = "PATTERN",
            description = "Topics whose readers the client may list. May be repeated.")
    private List<String> presence = List.of();

    @Option(
            names = "--ttl",
            paramLabel = "DURATION",
            description = "How long the token is valid. Such as 15m. Default: 1h.")
    private Duration ttl = Duration.ofHours(1);

    @Option(names = "--issuer", paramLabel = "ISSUER", description = "The claim iss.")
    private @Nullable String issuer;

    @Option(names = "--audience", paramLabel = "AUDIENCE", description = "The claim aud.")
    private @Nullable String audience;

    TokenCommand(Terminal terminal, InstantSource clock) {
        this.terminal = terminal;
        this.clock = clock;
    }

    @Override
    public Integer call() throws IOException {
        if (key == null || subject == null) {
            terminal.say("--key and --sub are required: longwave help token shows an example");
            return ExitCode.USAGE;
        }
        if (!ttl.isPositive() || ttl.compareTo(MAX_TTL) > 0) {
            terminal.say("--ttl must be positive and at most P36500D, but was " + ttl);
            return ExitCode.USAGE;
        }
        try {
            terminal.print(new TokenIssuer(KeySet.read(key)).issue(claims(subject)) + '\n');
            return ExitCode.DONE;
        } catch (KeyException | IllegalArgumentException e) {
            terminal.say(String.valueOf(e.getMessage()));
            return ExitCode.USAGE;
        }
    }

    private Map<String, Object> claims(String sub) {
        Instant now = clock.instant();
        var claims = new LinkedHashMap<String, Object>();
        if (issuer != null) {
            claims.put("iss", issuer);
        }
        if (audience != null) {
            claims.put("aud", audience);
        }
        claims.put("sub", sub);
        claims.put("iat", now.getEpochSecond());
        claims.put("exp", now.plus(ttl).getEpochSecond());
        claims.put("jti", UUID.randomUUID().toString());
        var topics = new LinkedHashMap<String, Object>();
        topics.put("subscribe", subscribe);
        topics.put("publish", publish);
        topics.put("presence", presence);
        claims.put("longwave", topics);
        return claims;
    }
}
