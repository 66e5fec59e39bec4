package dev.longwave.server;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.longwave.testing.SignedToken;
import java.security.PublicKey;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.stream.Stream;

/** The table of {@link SignInAttackIT}: requests of clients that want more than they may. */
final class SignInAttempts {

    /**
     * A request, and the only answer to it.
     *
     * @param reason why it is refused, or the type of the problem; empty for a response that is no
     *     problem
     */
    record Attempt(
            String name,
            String method,
            String target,
            List<String> fields,
            int status,
            String reason) {

        @Override
        public String toString() {
            return name;
        }
    }

    static final String SECRET_TOPIC = "vault/gold";
    static final String READABLE = "/history/open/a";
    private static final byte[] KEY = Base64.getUrlDecoder().decode(SignedToken.SECRET);
    private static final byte[] OTHER_KEY = "another key of 32 bytes, or more".getBytes(UTF_8);
    private static final long HOUR = 3600;
    private static final String HEADER = "{\"alg\":\"HS256\",\"typ\":\"JWT\"}";
    private static final String ADMIN =
            "\"sub\":\"admin\",\"longwave\":{\"subscribe\":[\"**\"],\"publish\":[\"**\"]}";

    private static final long END = inAnHour();

    private final PublicKey publicKey;

    /** Attempts at a server that trusts {@code publicKey}, and {@link SignedToken#SECRET}. */
    SignInAttempts(PublicKey publicKey) {
        this.publicKey = publicKey;
    }

    List<Attempt> all() {
        return Stream.of(tokens(), topics(), pages(), injections()).flatMap(List::stream).toList();
    }

    /** A token that may do everything. */
    static String adminToken() {
        return token(HEADER, claims(ADMIN), KEY);
    }

    /** A token with a claim of {@code length} characters that means nothing. */
    static String longToken(int length) {
        String claim = "\"x\":\"" + "x".repeat(length) + "\",\"exp\"";
        return token(HEADER, changedClaims("\"exp\"", claim), KEY);
    }

    private List<Attempt> tokens() {
        byte[] der = publicKey.getEncoded();
        byte[] pem = pem(publicKey).getBytes(UTF_8);
        String jwk =
                "{\"kty\":\"oct\",\"k\":\""
                        + Base64.getUrlEncoder().withoutPadding().encodeToString(OTHER_KEY)
                        + "\"}";
        String pairClaims = claims(ADMIN).replace("\"main\"", "\"pair\"");
        String valid = token(HEADER, claims(ALICE), KEY);
        return List.of(
                bearer("a valid token", valid, 200, ""),
                bearer(
                        "the RSA key as PEM for a secret",
                        token(HEADER, pairClaims, pem),
                        401,
                        "signature"),
                bearer(
                        "the RSA key as DER for a secret",
                        token(HEADER, pairClaims, der),
                        401,
                        "signature"),
                bearer(
                        "RS256 in the header of an HMAC",
                        token(alg("RS256"), pairClaims, KEY),
                        401,
                        "signature"),
                bearer("none", unsigned("none"), 401, "algorithm"),
                bearer("nOnE", unsigned("nOnE"), 401, "algorithm"),
                bearer(
                        "HS512 with the key for HS256",
                        token(alg("HS512"), claims(ADMIN), KEY),
                        401,
                        "algorithm"),
                forged("an embedded key", "\"jwk\":" + jwk, "signature"),
                forged("a URL of keys", "\"jku\":\"http://127.0.0.1:9/jwks\"", "signature"),
                forged("a URL of certificates", "\"x5u\":\"http://127.0.0.1:9/x\"", "signature"),
                forged("embedded certificates", "\"x5c\":[\"MIIB\"]", "signature"),
                forged("a file for a key", "\"kid\":\"../../../../dev/null\"", "signature"),
                forged("SQL for a key", "\"kid\":\"' UNION SELECT 'x\"", "signature"),
                forged("a header that must be understood", "\"crit\":[\"exp\"]", "critical-header"),
                forged("a compressed token", "\"zip\":\"DEF\"", "signature"),
                bearer("another key", token(HEADER, claims(ADMIN), OTHER_KEY), 401, "signature"),
                bearer(
                        "the empty key",
                        token(HEADER, claims(ADMIN), new byte[1]),
                        401,
                        "signature"),
                bearer(
                        "another issuer",
                        changed("\"iss\":\"main\"", "\"iss\":\"evil\""),
                        401,
                        "issuer"),
                bearer("no issuer", changed("\"iss\":\"main\",", ""), 401, "issuer"),
                bearer(
                        "another audience",
                        changed("\"aud\":\"longwave\"", "\"aud\":\"mail\""),
                        401,
                        "audience"),
                bearer("no audience", changed("\"aud\":\"longwave\",", ""), 401, "audience"),
                bearer(
                        "another type",
                        token("{\"alg\":\"HS256\",\"typ\":\"at+jwt\"}", claims(ADMIN), KEY),
                        401,
                        "type"),
                bearer(
                        "expired",
                        changed("\"exp\":" + END, "\"exp\":" + (END - HOUR - 60)),
                        401,
                        "expired"),
                bearer(
                        "expired long ago",
                        changed("\"exp\":" + END, "\"exp\":-1"),
                        401,
                        "malformed"),
                bearer(
                        "without expiry",
                        changed("\"exp\":" + END, "\"x\":1"),
                        401,
                        "expiry-missing"),
                bearer(
                        "text for expiry",
                        changed("\"exp\":" + END, "\"exp\":\"2999\""),
                        401,
                        "malformed"),
                bearer(
                        "not yet valid",
                        changed("\"exp\"", "\"nbf\":" + (END - HOUR + 600) + ",\"exp\""),
                        401,
                        "not-yet-valid"),
                bearer(
                        "two subjects",
                        changed("\"sub\"", "\"sub\":\"alice\",\"sub\""),
                        401,
                        "duplicate-name"),
                bearer(
                        "two algorithms",
                        token(
                                "{\"alg\":\"none\",\"alg\":\"HS256\",\"typ\":\"JWT\"}",
                                claims(ADMIN),
                                KEY),
                        401,
                        "duplicate-name"),
                bearer("claims that are a list", token(HEADER, "[1]", KEY), 401, "malformed"),
                bearer("patterns that are a number", changed("[\"**\"]", "7"), 401, "claims"),
                bearer(
                        "a pattern that is none",
                        changed("[\"**\"]", "[\"a/**/b\"]"),
                        401,
                        "claims"),
                bearer("changed claims", tampered(valid), 401, "signature"),
                bearer(
                        "without signature",
                        valid.substring(0, valid.lastIndexOf('.') + 1),
                        401,
                        "signature"),
                bearer("a fourth part", valid + ".x", 401, "malformed"),
                bearer("two parts", valid.substring(0, valid.lastIndexOf('.')), 401, "malformed"),
                attempt(
                        "another scheme",
                        READABLE,
                        401,
                        "authorization-scheme",
                        "Authorization",
                        "Basic YWxpY2U6eA=="),
                attempt(
                        "two tokens",
                        READABLE,
                        400,
                        "credentials-ambiguous",
                        "Authorization",
                        "Bearer " + valid,
                        "Authorization",
                        "Bearer " + valid + "x"),
                attempt(
                        "a token in the query",
                        READABLE + "?access_token=" + valid,
                        400,
                        "token-in-query"),
                attempt(
                        "an unknown ticket",
                        "/events/open/a?ticket=" + "A".repeat(120),
                        401,
                        "ticket-unknown"),
                attempt(
                        "a ticket beside a token",
                        "/events/open/a?ticket=AAAA",
                        400,
                        "credentials-ambiguous",
                        "Authorization",
                        "Bearer " + valid),
                attempt("no credential", READABLE, 401, "authentication-required"));
    }

    private List<Attempt> topics() {
        return List.of(
                topic("the secret topic", "/history/" + SECRET_TOPIC, 403, "topic-forbidden"),
                topic("an encoded slash", "/history/vault%2Fgold", 403, "topic-forbidden"),
                topic("a longer topic", "/history/open/a/b", 403, "topic-forbidden"),
                topic("a larger pattern", "/history/open/**", 403, "topic-forbidden"),
                topic("all topics", "/history/**", 403, "topic-forbidden"),
                topic("upper case", "/history/OPEN/a", 403, "topic-forbidden"),
                topic("a Cyrillic o", "/history/%D0%BEpen/a", 403, "topic-forbidden"),
                topic("full-width letters", "/history/%EF%BD%8Fpen/a", 403, "topic-forbidden"),
                topic("a trailing space", "/history/open%20/a", 403, "topic-forbidden"),
                topic("a zero-width space", "/history/open%E2%80%8B/a", 400, "topic-character"),
                topic("composed", "/history/caf%C3%A9", 200, ""),
                topic("decomposed", "/history/cafe%CC%81", 403, "topic-forbidden"),
                topic("dot segments", "/history/open/../vault/gold", 403, "topic-forbidden"),
                topic(
                        "encoded dot segments",
                        "/history/open/%2e%2e/vault/gold",
                        403,
                        "topic-forbidden"),
                topic("an encoded zero", "/history/open/a%00", 400, ""),
                topic("bad UTF-8", "/history/open/%FF", 400, ""),
                topic("overlong UTF-8", "/history/open/%C0%AF", 400, ""),
                topic("a second topic", "/events/open/a?topic=vault/gold", 403, "topic-forbidden"),
                topic("a topic of servers", "/events/$longwave/revocations", 400, "topic-reserved"),
                topic("a path of its own", "//vault/gold", 404, "not-found"));
    }

    /** With the visitor's cookie, which a browser adds whatever page causes the request. */
    private List<Attempt> pages() {
        return List.of(
                page("a page of its own", "GET", 200, "", "Sec-Fetch-Site", "same-origin"),
                page(
                        "a page of another site",
                        "GET",
                        403,
                        "cross-site",
                        "Sec-Fetch-Site",
                        "cross-site",
                        "Origin",
                        "https://evil.example"),
                page(
                        "a named page",
                        "GET",
                        200,
                        "",
                        "Sec-Fetch-Site",
                        "cross-site",
                        "Origin",
                        "https://app.example"),
                page(
                        "a page with a similar name",
                        "GET",
                        403,
                        "cross-site",
                        "Origin",
                        "https://app.example.evil.example"),
                page(
                        "a named page over HTTP",
                        "GET",
                        403,
                        "cross-site",
                        "Origin",
                        "http://app.example"),
                page("an origin of nobody", "GET", 403, "cross-site", "Origin", "null"),
                page(
                        "two origins",
                        "GET",
                        403,
                        "cross-site",
                        "Origin",
                        "https://app.example",
                        "Origin",
                        "https://evil.example"),
                page("reading without an origin", "GET", 200, ""),
                page("publishing without an origin", "POST", 403, "cross-site"),
                page("publishing from nobody", "POST", 403, "cross-site", "Origin", "null"),
                page(
                        "publishing from another site",
                        "POST",
                        403,
                        "cross-site",
                        "Sec-Fetch-Site",
                        "cross-site"),
                page(
                        "publishing from a sibling of nobody",
                        "POST",
                        403,
                        "cross-site",
                        "Sec-Fetch-Site",
                        "same-site, cross-site"),
                page(
                        "publishing from a page of its own",
                        "POST",
                        200,
                        "",
                        "Sec-Fetch-Site",
                        "same-origin"),
                attempt(
                        "two cookies",
                        READABLE,
                        400,
                        "credentials-ambiguous",
                        "Cookie",
                        cookie() + "; session=x"));
    }

    private List<Attempt> injections() {
        return List.of(
                topic("a line break in an ID", READABLE + "?since=x%0D%0AX-Injected:%20y", 400, ""),
                topic("a line break in a topic", "/history/open/a%0D%0AX-Injected:%20y", 400, ""),
                topic(
                        "a line break in the query",
                        READABLE + "?a%0D%0AX-Injected:%20y=1",
                        400,
                        "parameter-unknown"));
    }

    private static final String ALICE =
            "\"sub\":\"alice\",\"longwave\":{\"subscribe\":[\"open/*\",\"caf\u00e9\"],"
                    + "\"publish\":[\"open/*\"]}";

    private Attempt bearer(String name, String token, int status, String reason) {
        return attempt(name, READABLE, status, reason, "Authorization", "Bearer " + token);
    }

    /** A token that says how to verify it. */
    private Attempt forged(String name, String member, String reason) {
        String header = HEADER.replace("}", "," + member + "}");
        return bearer(name, token(header, claims(ADMIN), OTHER_KEY), 401, reason);
    }

    private Attempt topic(String name, String target, int status, String reason) {
        return attempt(
                name,
                target,
                status,
                reason,
                "Authorization",
                "Bearer " + token(HEADER, claims(ALICE), KEY));
    }

    private Attempt page(String name, String method, int status, String reason, String... fields) {
        var all = new ArrayList<>(List.of("Cookie", cookie()));
        all.addAll(List.of(fields));
        String target = method.equals("POST") ? "/events/open/b" : READABLE;
        return new Attempt(name, method, target, all, status, reason);
    }

    private static Attempt attempt(
            String name, String target, int status, String reason, String... fields) {
        return new Attempt(name, "GET", target, List.of(fields), status, reason);
    }

    private static String cookie() {
        return "session=" + token(HEADER, claims(ALICE), KEY);
    }

    private static String claims(String subject) {
        return "{\"iss\":\"main\",\"aud\":\"longwave\",\"exp\":" + END + "," + subject + "}";
    }

    private static long inAnHour() {
        return Instant.now().getEpochSecond() + HOUR;
    }

    private static String alg(String name) {
        return HEADER.replace("HS256", name);
    }

    private static String changed(String from, String to) {
        return token(HEADER, changedClaims(from, to), KEY);
    }

    private static String changedClaims(String from, String to) {
        assertThat(claims(ADMIN)).contains(from);
        return claims(ADMIN).replace(from, to);
    }

    private static String unsigned(String name) {
        String signed = token(alg(name), claims(ADMIN), KEY);
        return signed.substring(0, signed.lastIndexOf('.') + 1);
    }

    private static String tampered(String token) {
        String[] parts = token.split("\\.", 3);
        return parts[0]
                + '.'
                + Base64.getUrlEncoder()
                        .withoutPadding()
                        .encodeToString(claims(ADMIN).getBytes(UTF_8))
                + '.'
                + parts[2];
    }

    private static String token(String header, String claims, byte[] key) {
        return SignedToken.sign(header, claims, key);
    }

    static String pem(PublicKey key) {
        return "-----BEGIN PUBLIC KEY-----\n"
                + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(key.getEncoded())
                + "\n-----END PUBLIC KEY-----\n";
    }
}
