package dev.longwave.cli;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

/** Which server a client command talks to. */
final class ServerOptions {

    @Option(
            names = "--url",
            paramLabel = "URL",
            converter = ServerUri.class,
            defaultValue = "${env:LONGWAVE_URL:-http://127.0.0.1:8080}",
            description =
                    "The server's URL. Default: the environment variable LONGWAVE_URL,"
                            + " otherwise http://127.0.0.1:8080.")
    private URI url = URI.create("");

    @Option(
            names = "--token-file",
            paramLabel = "FILE",
            converter = SecretFile.class,
            description =
                    "A file with the token or API key to present. Default: the environment"
                            + " variable LONGWAVE_TOKEN, otherwise none.")
    private @Nullable String token;

    /** {@return a client of the server, which presents the token, if there is one} */
    LongwaveClient client() {
        return new LongwaveClient(url, presentedToken(token));
    }

    /** {@return {@code fromFile}, or else what the environment has; empty if there is no token} */
    static String presentedToken(@Nullable String fromFile) {
        String token =
                fromFile == null ? System.getenv().getOrDefault("LONGWAVE_TOKEN", "") : fromFile;
        return token.strip();
    }

    /** {@return the server's URI, http or https} */
    URI url() {
        return url;
    }

    /**
     * Reads a secret from a file: on the command line itself, everyone on the machine could see it.
     */
    static final class SecretFile implements ITypeConverter<String> {
        @Override
        public String convert(String file) {
            try {
                return Files.readString(Path.of(file));
            } catch (IOException e) {
                throw new TypeConversionException("cannot read " + file);
            }
        }
    }

    /** Accepts what can be a server. */
    static final class ServerUri implements ITypeConverter<URI> {
        @Override
        public URI convert(String text) {
            URI uri;
            try {
                uri = URI.create(text);
            } catch (IllegalArgumentException _) {
                throw notAServer(text);
            }
            boolean usable =
                    ("http".equals(uri.getScheme()) || "https".equals(uri.getScheme()))
                            && uri.getHost() != null
                            && uri.getUserInfo() == null
                            && uri.getQuery() == null
                            && uri.getFragment() == null;
            if (!usable) {
                throw notAServer(text);
            }
            return uri;
        }

        private static TypeConversionException notAServer(String text) {
            return new TypeConversionException(
                    text.matches("[A-Za-z0-9.-]+(:[0-9]+)?(/.*)?|\\[[0-9a-fA-F:]+](:[0-9]+)?(/.*)?")
                            ? "'%s' lacks the scheme; did you mean http://%s?".formatted(text, text)
                            : "'%s' is not the URL of a server, such as http://127.0.0.1:8080"
                                    .formatted(text));
        }
    }
}
