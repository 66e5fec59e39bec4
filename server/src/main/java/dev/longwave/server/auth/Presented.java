package dev.longwave.server.auth;

import dev.longwave.server.http.Fields;
import dev.longwave.server.http.Parameters;
import dev.longwave.server.http.Query;
import dev.longwave.server.http.Since;
import io.helidon.http.HeaderName;
import io.helidon.http.HeaderNames;
import io.helidon.webserver.http.ServerRequest;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The credential that a request presents, not yet checked.
 *
 * <p>One that is given explicitly counts before a cookie, which a browser adds by itself. Its text
 * must not reach a log.
 *
 * @param kind how it was presented
 * @param text the credential
 */
record Presented(Kind kind, String text) {

    private static final String SCHEME = "bearer ";
    private static final HeaderName PROTOCOLS = HeaderNames.create("Sec-WebSocket-Protocol");
    private static final String PROTOCOL_PREFIX = "longwave.bearer.";
    private static final HeaderName LAST_EVENT_ID = HeaderNames.create("Last-Event-ID");

    /** How a credential is presented. */
    enum Kind {
        BEARER,
        COOKIE,
        TICKET
    }

    @Override
    public String toString() {
        return kind + " ***";
    }

    /** {@return the proof of a client that has used its ticket: in the ID that it resumes from} */
    static Optional<String> proof(ServerRequest request) {
        return Fields.values(request, LAST_EVENT_ID).stream()
                .filter(id -> id.indexOf(Since.PROOF) >= 0)
                .map(id -> id.substring(id.indexOf(Since.PROOF) + 1))
                .findFirst();
    }

    /**
     * {@return what {@code request} presents, if anything}
     *
     * @param cookie the name of the cookie that may hold a credential; empty for none
     * @throws dev.longwave.server.http.ProblemException if it presents several, or in a way that is
     *     not supported
     */
    static Optional<Presented> of(ServerRequest request, String cookie) {
        Query query = Query.of(request);
        for (String name : Parameters.TOKENS) { // queries end up in logs
            if (query.contains(name)) {
                throw Refusals.tokenInQuery(name).exception();
            }
        }
        Optional<Presented> header = bearer(request);
        Optional<Presented> protocol = protocol(request);
        if (header.isPresent() && protocol.isPresent()) {
            throw Refusals.severalCredentials().exception();
        }
        Optional<Presented> bearer = header.or(() -> protocol);
        Optional<Presented> ticket =
                query.value(Parameters.TICKET).map(text -> new Presented(Kind.TICKET, text));
        if (bearer.isPresent() && ticket.isPresent()) {
            throw Refusals.severalCredentials().exception();
        }
        if (bearer.isPresent()) {
            return bearer;
        }
        return ticket.isPresent() ? ticket : cookie(request, cookie);
    }

    private static Optional<Presented> bearer(ServerRequest request) {
        List<String> values = Fields.values(request, HeaderNames.AUTHORIZATION);
        if (values.isEmpty()) {
            return Optional.empty();
        }
        if (values.size() > 1) {
            throw Refusals.severalCredentials().exception();
        }
        String value = values.getFirst();
        if (!value.toLowerCase(Locale.ROOT).startsWith(SCHEME)) {
            throw Refusals.unsupportedScheme().exception();
        }
        return Optional.of(new Presented(Kind.BEARER, value.substring(SCHEME.length()).strip()));
    }

    /** What a page can say when it opens a WebSocket: a list of protocols, and nothing else. */
    private static Optional<Presented> protocol(ServerRequest request) {
        List<String> found =
                Fields.values(request, PROTOCOLS).stream()
                        .flatMap(list -> Stream.of(list.split(",", -1)))
                        .map(String::strip)
                        .filter(protocol -> protocol.startsWith(PROTOCOL_PREFIX))
                        .toList();
        if (found.size() > 1) {
            throw Refusals.severalCredentials().exception();
        }
        return found.stream()
                .findFirst()
                .map(protocol ->
                        new Presented(Kind.BEARER, protocol.substring(PROTOCOL_PREFIX.length())));
    }

    private static Optional<Presented> cookie(ServerRequest request, String cookie) {
        if (cookie.isEmpty()) {
            return Optional.empty();
        }
        List<String> found = cookies(request, cookie);
        if (found.stream().distinct().count() > 1) {
            // One of them was set by somebody else: a page of a sibling domain, perhaps.
            throw Refusals.severalCredentials().exception();
        }
        return found.stream().findFirst().map(text -> new Presented(Kind.COOKIE, text));
    }

    /** The values of the cookies of this name: RFC 6265, section 5.4, read leniently. */
    private static List<String> cookies(ServerRequest request, String name) {
        var found = new ArrayList<String>();
        for (String header : Fields.values(request, HeaderNames.COOKIE)) {
            for (String pair : header.split(";", -1)) {
                int equals = pair.indexOf('=');
                if (equals > 0 && pair.substring(0, equals).strip().equals(name)) {
                    found.add(unquoted(pair.substring(equals + 1).strip()));
                }
            }
        }
        return found;
    }

    private static String unquoted(String value) {
        boolean quoted = value.length() > 1 && value.startsWith("\"") && value.endsWith("\"");
        return quoted ? value.substring(1, value.length() - 1) : value;
    }
}
