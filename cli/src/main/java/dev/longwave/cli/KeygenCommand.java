package dev.longwave.cli;

import dev.longwave.token.Algorithm;
import dev.longwave.token.NewKey;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import picocli.CommandLine.TypeConversionException;

/** Creates a key that signs tokens, or an API key. */
@Command(
        name = "keygen",
        mixinStandardHelpOptions = true,
        versionProvider = Longwave.Version.class,
        sortOptions = false,
        synopsisHeading = "%nUsage: ",
        descriptionHeading = "%n",
        header = "Create a key that signs tokens, or an API key.",
        description = {
            "Writes the key to a new file that only its owner can read, as a JWK. With HS256, the"
                + " server needs the same key as the issuer of the tokens. With the other"
                + " algorithms, the public key is written beside it, as FILE.pub: the server needs"
                + " only that, and cannot sign tokens itself.",
            "With --api-key, prints an API key for a backend in the first line, and the entry for"
                    + " the server's auth.keys-file, which has only its hash, in the second.%n"
        },
        optionListHeading = "%nOptions:%n",
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:The key was written or printed.",
            "1:A file exists already or cannot be written.",
            "2:The command line is invalid."
        },
        footer = {
            "",
            "Examples:",
            "  longwave keygen --out jwt.key",
            "  longwave keygen --out jwt.key --alg EdDSA",
            "  longwave keygen --api-key shop --publish 'orders/*'"
        })
final class KeygenCommand implements Callable<Integer> {

    private static final String OWNER_ONLY = "rw-------";
    private static final String READABLE = "rw-r--r--";

    private final Terminal terminal;

    @Option(
            names = "--out",
            paramLabel = "FILE",
            description = "The file to create. An existing file is never overwritten.")
    private @Nullable Path file;

    @Option(
            names = "--api-key",
            paramLabel = "NAME",
            description =
                    "Create an API key in place of a key that signs tokens. NAME is that of its"
                            + " entry.")
    private @Nullable String apiKey;

    @Option(
            names = "--publish",
            paramLabel = "PATTERN",
            description = "With --api-key: topics to which it may publish. May be repeated.")
    private List<String> publish = new ArrayList<>();

    @Option(
            names = "--subscribe",
            paramLabel = "PATTERN",
            description = "With --api-key: topics that it may read. May be repeated.")
    private List<String> subscribe = new ArrayList<>();

    @Option(
            names = "--alg",
            paramLabel = "ALG",
            converter = Generated.class,
            description =
                    "HS256 (default; one secret), or a pair for ES256, EdDSA (Ed25519), or RS256"
                            + " (3072 bits).")
    private @Nullable Algorithm algorithm;

    @Spec private @Nullable CommandSpec spec;

    KeygenCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public Integer call() throws IOException {
        String name = apiKey;
        Path out = file;
        if (name == null) {
            if (out == null || !publish.isEmpty() || !subscribe.isEmpty()) {
                throw misused(
                        out == null
                                ? "--out or --api-key is missing"
                                : "--publish and --subscribe are for --api-key");
            }
            return create(out, algorithm == null ? Algorithm.HS256 : algorithm);
        }
        if (out != null || algorithm != null) {
            throw misused("--api-key cannot be combined with --out and --alg");
        }
        var key = new ApiKey(name, publish, subscribe);
        try {
            terminal.print(key.text() + '\n' + key.entry() + '\n');
        } catch (IllegalArgumentException e) {
            throw misused(String.valueOf(e.getMessage()));
        }
        terminal.say(
                "keep the first line secret: it is not stored anywhere. Add the second to the file"
                        + " that auth.keys-file names");
        return ExitCode.DONE;
    }

    private ParameterException misused(String message) {
        return new ParameterException(Objects.requireNonNull(spec).commandLine(), message);
    }

    private int create(Path out, Algorithm kind) throws IOException {
        NewKey key = NewKey.generate(kind);
        Path publicFile = out.resolveSibling(out.getFileName() + ".pub");
        try {
            write(key, out, publicFile);
        } catch (FileAlreadyExistsException e) {
            terminal.say(
                    "%s exists already: choose another file, or remove it if no token was signed"
                                    .formatted(e.getFile())
                            + " with it");
            return ExitCode.GAVE_UP;
        } catch (IOException e) {
            terminal.say("cannot write the key: " + e);
            return ExitCode.GAVE_UP;
        }
        boolean pair = key.publicJwk().isPresent();
        terminal.print(
                """
                Wrote %s: %s. Keep it secret.
                %s
                To start a server that accepts tokens signed with it:
                  longwave serve --set auth.jwt.key-file=%s
                To sign a token:
                  longwave token --key %s --sub alice --subscribe 'news/**'
                """
                        .formatted(
                                out,
                                pair
                                        ? "the private key, which signs tokens"
                                        : "a key that signs and verifies tokens",
                                pair
                                        ? "Wrote %s: the public key, which verifies them.\n"
                                                .formatted(publicFile)
                                        : "",
                                pair ? publicFile : out,
                                out));
        return ExitCode.DONE;
    }

    /** Writes both files or none. */
    private static void write(NewKey key, Path out, Path publicFile) throws IOException {
        Optional<String> publicKey = key.publicJwk();
        if (publicKey.isPresent()) {
            NewFile.create(publicFile, publicKey.get() + '\n', READABLE);
        }
        try {
            NewFile.create(out, key.jwk() + '\n', OWNER_ONLY);
        } catch (IOException e) {
            if (publicKey.isPresent()) {
                Files.delete(publicFile);
            }
            throw e;
        }
    }

    /** The algorithms for which keys are made. */
    static final class Generated implements ITypeConverter<Algorithm> {

        private static final Set<Algorithm> ALL =
                Set.of(Algorithm.HS256, Algorithm.ES256, Algorithm.EDDSA, Algorithm.RS256);

        @Override
        public Algorithm convert(String id) {
            return Algorithm.of(id)
                    .filter(ALL::contains)
                    .orElseThrow(() ->
                            new TypeConversionException(
                                    "expected HS256, ES256, EdDSA, or RS256, but was " + id));
        }
    }
}
