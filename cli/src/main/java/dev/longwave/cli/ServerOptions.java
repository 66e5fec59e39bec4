package dev.longwave.cli;

import java.net.URI;
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

    /** {@return the server's URI, http or https} */
    URI url() {
        return url;
    }

    /** Accepts what can be a server. */
    static final class ServerUri implements ITypeConverter<URI> {
        @Override
        public URI convert(String text) {
            URI uri;
            try {
                uri = URI.create(text);
            } catch (IllegalArgumentException _) {
                throw new TypeConversionException("not a URL: " + text);
            }
            boolean usable =
                    ("http".equals(uri.getScheme()) || "https".equals(uri.getScheme()))
                            && uri.getHost() != null
                            && uri.getUserInfo() == null
                            && uri.getQuery() == null
                            && uri.getFragment() == null;
            if (!usable) {
                throw new TypeConversionException(
                        "not the URL of a server, such as http://127.0.0.1:8080: " + text);
            }
            return uri;
        }
    }
}
