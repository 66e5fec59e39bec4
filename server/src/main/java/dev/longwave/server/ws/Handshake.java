package dev.longwave.server.ws;

import dev.longwave.server.http.Fields;
import dev.longwave.server.http.Problem;
import dev.longwave.server.net.ResponseStream;
import dev.longwave.server.net.helidon.Exchange;
import io.helidon.http.Header;
import io.helidon.http.HeaderName;
import io.helidon.http.HeaderNames;
import io.helidon.http.HeaderValues;
import io.helidon.http.Method;
import io.helidon.http.Status;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The opening handshake: RFC 6455, section 4.2, and over HTTP/2, RFC 8441. Until it is accepted,
 * the request can be refused like any other.
 */
public final class Handshake {

    private static final HeaderName KEY = HeaderNames.create("Sec-WebSocket-Key");
    private static final HeaderName ACCEPT = HeaderNames.create("Sec-WebSocket-Accept");
    private static final HeaderName VERSION = HeaderNames.create("Sec-WebSocket-Version");
    private static final HeaderName PROTOCOL = HeaderNames.create("Sec-WebSocket-Protocol");
    private static final HeaderName EXTENSIONS = HeaderNames.create("Sec-WebSocket-Extensions");
    private static final String VERSION_13 = "13";
    private static final String WEBSOCKET = "websocket";
    private static final Header UPGRADE = HeaderValues.createCached(HeaderNames.UPGRADE, WEBSOCKET);
    private static final Header SUPPORTED = HeaderValues.createCached(VERSION, VERSION_13);
    private static final String GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
    private static final int KEY_BYTES = 16;

    private final ServerRequest request;
    private final boolean extended; // by CONNECT of HTTP/2
    private final Optional<String> accept;
    private final Optional<String> protocol;
    private final Optional<String> compression;

    private Handshake(
            ServerRequest request,
            boolean extended,
            Optional<String> accept,
            Optional<String> protocol,
            Optional<String> compression) {
        this.request = request;
        this.extended = extended;
        this.accept = accept;
        this.protocol = protocol;
        this.compression = compression;
    }

    /**
     * {@return the handshake that {@code request} begins}
     *
     * @param response gets the header fields that go with a refusal
     * @param protocols the sub-protocols that the server speaks, if the client does
     * @param compression whether messages may be compressed
     * @throws dev.longwave.server.http.ProblemException if it is none, or not valid
     */
    public static Handshake of(
            ServerRequest request,
            ServerResponse response,
            List<String> protocols,
            boolean compression) {
        boolean extended = Exchange.of(request).isExtendedConnect();
        if (!request.prologue().method().equals(Method.GET)) {
            throw malformed("the method must be GET");
        }
        if (!extended && !names(request, HeaderNames.UPGRADE, WEBSOCKET)) {
            response.header(UPGRADE).header(HeaderNames.CONNECTION, "Upgrade");
            throw upgradeRequired("the request must ask to go on with WebSocket");
        }
        List<String> versions = Fields.values(request, VERSION);
        if (!versions.equals(List.of(VERSION_13))) {
            response.header(SUPPORTED);
            throw versions.isEmpty()
                    ? malformed("Sec-WebSocket-Version is missing")
                    : upgradeRequired("the version of WebSocket must be 13");
        }
        return new Handshake(
                request,
                extended,
                extended ? Optional.empty() : Optional.of(accept(key(request))),
                tokens(request, PROTOCOL).filter(protocols::contains).findFirst(),
                compression
                        ? Compression.answer(Fields.values(request, EXTENSIONS))
                        : Optional.empty());
    }

    private static RuntimeException upgradeRequired(String words) {
        return new Problem("upgrade-required", 426, "This is a WebSocket", words).exception();
    }

    private static RuntimeException malformed(String words) {
        return new Problem(
                        "handshake-malformed", 400, "The WebSocket handshake is not valid", words)
                .exception();
    }

    private static boolean names(ServerRequest request, HeaderName name, String value) {
        return tokens(request, name).anyMatch(value::equalsIgnoreCase);
    }

    private static Stream<String> tokens(ServerRequest request, HeaderName name) {
        return Fields.values(request, name).stream()
                .flatMap(list -> Stream.of(list.split(",", -1)))
                .map(String::strip);
    }

    private static String key(ServerRequest request) {
        List<String> keys = Fields.values(request, KEY);
        if (keys.size() != 1) {
            throw malformed("Sec-WebSocket-Key must be there once count=" + keys.size());
        }
        try {
            if (Base64.getDecoder().decode(keys.getFirst()).length == KEY_BYTES) {
                return keys.getFirst();
            }
        } catch (IllegalArgumentException _) {
            // Answered below.
        }
        throw malformed("Sec-WebSocket-Key must be 16 bytes in base64");
    }

    /** RFC 6455, section 4.2.2. */
    static String accept(String key) {
        try {
            byte[] hash =
                    MessageDigest.getInstance("SHA-1")
                            .digest((key + GUID).getBytes(StandardCharsets.US_ASCII));
            return Base64.getEncoder().encodeToString(hash);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-1", e);
        }
    }

    /** {@return the sub-protocol that both speak, if there is one} */
    public Optional<String> protocol() {
        return protocol;
    }

    /** {@return whether messages may be compressed} */
    public boolean compression() {
        return compression.isPresent();
    }

    /** Accepts it: what follows on the connection are frames. */
    public ResponseStream accept(ServerResponse response) {
        if (!extended) {
            response.status(Status.SWITCHING_PROTOCOLS_101).header(UPGRADE);
        }
        accept.ifPresent(value -> response.header(ACCEPT, value));
        protocol.ifPresent(value -> response.header(PROTOCOL, value));
        compression.ifPresent(value -> response.header(EXTENSIONS, value));
        return Exchange.of(request).takeOver(response);
    }
}
