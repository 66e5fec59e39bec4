package dev.longwave.cli;

import java.net.URI;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/**
 * What {@code longwave doctor} examines: a Longwave server, a stream of one, or any event stream or
 * WebSocket.
 *
 * @param url as it was given: http, https, ws or wss, with a host
 */
record DoctorTarget(URI url) {

    private static final Set<String> SCHEMES = Set.of("http", "https", "ws", "wss");
    private static final String EVENTS = "/events";
    private static final String WEB_SOCKET = "/connection/websocket";

    /** Names under which credentials are put into URLs. A Longwave ticket can be used only once. */
    private static final Set<String> CREDENTIALS =
            Set.of(
                    "token",
                    "access_token",
                    "id_token",
                    "auth",
                    "auth_token",
                    "authorization",
                    "bearer",
                    "jwt",
                    "api_key",
                    "apikey",
                    "session",
                    "sessionid",
                    "password",
                    "secret");

    private static final Pattern JWT =
            Pattern.compile("eyJ[A-Za-z0-9_-]{5,}\\.[A-Za-z0-9_-]+\\.[A-Za-z0-9_-]*");

    /** Reads it from the command line. */
    static final class Converter implements ITypeConverter<DoctorTarget> {
        @Override
        public DoctorTarget convert(String text) {
            URI url;
            try {
                url = URI.create(text);
            } catch (IllegalArgumentException _) {
                throw new TypeConversionException("not a URL"); // it may have a token in it
            }
            if (url.getScheme() == null
                    || !SCHEMES.contains(url.getScheme().toLowerCase(Locale.ROOT))
                    || url.getHost() == null) {
                throw new TypeConversionException(
                        "not a URL such as https://example.org or wss://example.org/ws/news");
            }
            return new DoctorTarget(url);
        }
    }

    boolean isWebSocket() {
        return scheme().startsWith("ws");
    }

    boolean isEncrypted() {
        return scheme().equals("https") || scheme().equals("wss");
    }

    String host() {
        String host = url.getHost();
        return host.startsWith("[") ? host.substring(1, host.length() - 1) : host;
    }

    int port() {
        return url.getPort() >= 0 ? url.getPort() : isEncrypted() ? 443 : 80;
    }

    /** {@return what a browser sends as {@code Host}} */
    String authority() {
        return url.getPort() >= 0 ? url.getHost() + ':' + url.getPort() : url.getHost();
    }

    boolean isLoopback() {
        String host = host();
        return host.equals("localhost")
                || host.endsWith(".localhost")
                || host.startsWith("127.")
                || host.equals("::1");
    }

    /** {@return the server's probe, if the URL is that of a Longwave server or of its stream} */
    URI probe(String query) {
        return URI.create(base() + "/probe" + (query.isEmpty() ? "" : '?' + query));
    }

    /** {@return where the server would speak WebSocket without asking for a right first} */
    URI webSocket() {
        return isWebSocket()
                ? url
                : URI.create("ws" + base().substring("http".length()) + WEB_SOCKET);
    }

    /** {@return the stream of {@code topic} on the server, with {@code query}} */
    URI topic(String topic, String query) {
        String path = EVENTS + '/' + LongwaveClient.encodePath(topic);
        return URI.create(base() + path + (query.isEmpty() ? "" : '?' + query));
    }

    /** {@return the URL itself, with {@code query} behind its own} */
    URI stream(String query) {
        @Nullable String own = url.getRawQuery();
        String both = own == null ? query : query.isEmpty() ? own : own + '&' + query;
        String path = scheme() + "://" + authority() + path();
        return URI.create(both.isEmpty() ? path : path + '?' + both);
    }

    /** {@return the URL without the path of an event stream, and without a slash at its end} */
    String base() {
        String path = path();
        int events = (path + '/').indexOf(EVENTS + '/');
        String before = events < 0 ? path : path.substring(0, events);
        return scheme() + "://" + authority() + before.replaceFirst("/+$", "");
    }

    /** {@return whether the URL has the form of an event stream of Longwave} */
    boolean namesStream() {
        return (path() + '/').contains(EVENTS + '/');
    }

    /** {@return under which name the URL has a credential in it, if it seems to have one} */
    Optional<String> credential() {
        if (url.getRawUserInfo() != null) {
            return Optional.of("user and password");
        }
        @Nullable String query = url.getRawQuery();
        List<String> parameters = query == null ? List.of() : Arrays.asList(query.split("&", -1));
        return parameters.stream()
                .filter(parameter ->
                        CREDENTIALS.contains(name(parameter).toLowerCase(Locale.ROOT))
                                || JWT.matcher(parameter).find())
                .map(DoctorTarget::name)
                .findFirst();
    }

    private static String name(String parameter) {
        return parameter.split("=", 2)[0];
    }

    private String scheme() {
        return url.getScheme().toLowerCase(Locale.ROOT);
    }

    private String path() {
        @Nullable String path = url.getRawPath();
        return path == null ? "" : path;
    }
}
