package dev.longwave.server.auth;

import dev.longwave.broker.BrokerConfigurationException;
import dev.longwave.broker.Settings;
import dev.longwave.server.http.ServiceUrl;
import dev.longwave.token.Algorithm;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The settings of sign-in.
 *
 * @param issuers whose tokens are accepted
 * @param cookie the name of the cookie that may hold a token; empty for none
 * @param sessionUrl the endpoint that says whose session a cookie belongs to; null if the cookie
 *     holds a token
 * @param sessionCache how long the answer is used
 * @param clientCertificates whether a client certificate is a credential
 * @param permissionsClaim the claim with a token's permissions
 * @param rolesClaim the claim with the roles of a token's subject
 * @param keysFile the file with API keys, or null for none
 * @param refusalsUntil204 how often a client may be refused a stream within a minute before it is
 *     told to stop; 0 for never
 * @param ticketLifetime how long a ticket may be used
 * @param ticketSecret what tickets are sealed with on all nodes; empty to derive it from a key
 * @param rules what clients may do beside what their credentials say
 */
public record AuthSettings(
        List<IssuerSettings> issuers,
        String cookie,
        @Nullable URI sessionUrl,
        Duration sessionCache,
        boolean clientCertificates,
        String permissionsClaim,
        String rolesClaim,
        @Nullable Path keysFile,
        int refusalsUntil204,
        Duration ticketLifetime,
        String ticketSecret,
        AccessRules rules) {

    /**
     * Whose tokens are accepted.
     *
     * @param key the section that it was read from
     * @param keyFiles files with keys
     * @param secret a key as text; empty for none
     * @param jwksUrl where its keys are published, or null if nowhere
     * @param jwksRefresh how often they are fetched
     * @param issuer what {@code iss} must be; null for anything
     * @param audience of which {@code aud} must name one; empty for no check
     * @param type what {@code typ} must be; null for anything
     * @param algorithms what may be used, as far as the keys are for it
     * @param leeway how far clocks may differ
     */
    record IssuerSettings(
            String key,
            List<Path> keyFiles,
            String secret,
            @Nullable URI jwksUrl,
            Duration jwksRefresh,
            @Nullable String issuer,
            List<String> audience,
            @Nullable String type,
            Set<Algorithm> algorithms,
            Duration leeway) {

        boolean hasKeys() {
            return !keyFiles.isEmpty() || !secret.isEmpty() || jwksUrl != null;
        }
    }

    /**
     * Reads the section {@code auth}.
     *
     * @throws BrokerConfigurationException if a setting is invalid
     */
    public static AuthSettings read(Settings settings) {
        Settings auth = settings.section("auth");
        var issuers = new ArrayList<IssuerSettings>();
        IssuerSettings only = issuer(auth.section("jwt"), "auth.jwt");
        if (only.hasKeys()) {
            issuers.add(only);
        }
        Settings others = auth.section("issuers");
        for (String name : others.names()) {
            IssuerSettings issuer = issuer(others.section(name), "auth.issuers." + name);
            if (!issuer.hasKeys() || issuer.issuer() == null) {
                throw new BrokerConfigurationException(
                        ("auth.issuers.%1$s needs its name and its keys: set"
                             + " auth.issuers.%1$s.issuer, and key-file, secret, or jwks-url beside"
                             + " it")
                                .formatted(name));
            }
            issuers.add(issuer);
        }
        String cookie =
                auth.text(
                        "cookie",
                        "",
                        "The name of an HttpOnly cookie that may hold a token, or a session of"
                            + " auth.session-url; a name that begins with __Host- is safest. None"
                            + " by default.");
        Optional<String> sessionUrl =
                auth.text(
                        "session-url",
                        "An endpoint of the application that gets the cookie and answers whose"
                                + " session it is: see docs/security.md.");
        if (sessionUrl.isPresent() && cookie.isEmpty()) {
            throw new BrokerConfigurationException(
                    "auth.session-url needs the name of the session's cookie: set auth.cookie");
        }
        var read =
                new AuthSettings(
                        List.copyOf(issuers),
                        cookie,
                        sessionUrl
                                .map(text -> ServiceUrl.checked(text, "auth.session-url"))
                                .orElse(null),
                        auth.duration(
                                "session-cache",
                                Duration.ofSeconds(5),
                                Duration.ZERO,
                                Duration.ofMinutes(5),
                                "How long an answer of auth.session-url is used."),
                        auth.flag(
                                "client-certificates",
                                false,
                                "Whether a client that shows a certificate which tls.client-ca"
                                    + " verifies has signed in with it, under the common name of"
                                    + " its subject."),
                        auth.text(
                                "permissions-claim",
                                "longwave",
                                "The claim of a token with what its subject may do: an object with"
                                        + " lists of topic patterns named subscribe, publish, and"
                                        + " presence."),
                        auth.text(
                                "roles-claim",
                                "roles",
                                "The claim of a token with the roles of its subject, for"
                                        + " auth.rules."),
                        auth.text(
                                        "keys-file",
                                        "A YAML file with the API keys of servers that publish: a"
                                                + " name each, with sha256, publish, and subscribe."
                                                + " Read again when it changes.")
                                .map(Path::of)
                                .orElse(null),
                        (int)
                                auth.number(
                                        "refusals-until-204",
                                        0,
                                        0,
                                        1000,
                                        "How often a client may be refused an event stream within a"
                                            + " minute with 401 or 403; then it is answered with"
                                            + " 204, which stops clients that reconnect after every"
                                            + " error. 0 for never."),
                        auth.duration(
                                "ticket-lifetime",
                                Duration.ofSeconds(30),
                                Duration.ofSeconds(1),
                                Duration.ofMinutes(10),
                                "How long a ticket may be used after it was issued."),
                        auth.text(
                                "ticket-secret",
                                "",
                                "A secret that all nodes share, as base64url of 32 bytes or more,"
                                        + " to seal tickets with. By default it is derived from the"
                                        + " first secret key of auth.jwt."),
                        AccessRules.read(auth));
        if (!read.isOn() && !auth.names().isEmpty()) {
            throw new BrokerConfigurationException(
                    "the settings of auth name no key, so nobody could sign in: set"
                            + " auth.jwt.key-file to a file that longwave keygen makes, or"
                            + " auth.jwt.secret, auth.jwt.jwks-url, auth.keys-file,"
                            + " auth.session-url, auth.client-certificates, or auth.rules");
        }
        return read;
    }

    /** Reads settings of lists without values, so that they appear in the reference table. */
    public static void describe(Settings settings) {
        Settings auth = settings.section("auth");
        var _ = issuer(auth.section("issuers").section("<name>"), "auth.issuers.<name>");
        AccessRules.describe(auth);
    }

    /** {@return whether there is anything by which a client can be told from others} */
    public boolean isOn() {
        return !issuers.isEmpty()
                || keysFile != null
                || sessionUrl != null
                || clientCertificates
                || !rules.isEmpty();
    }

    private static IssuerSettings issuer(Settings jwt, String key) {
        List<Path> files =
                jwt
                        .list(
                                "key-file",
                                List.of(),
                                "Files with the keys that tokens are signed with: JWK, JWK set, or"
                                        + " PEM. Read again when they change.")
                        .stream()
                        .map(Path::of)
                        .toList();
        String secret =
                jwt.text(
                        "secret",
                        "",
                        "A secret for HS256, as base64url of 32 bytes or more. Meant to be set in"
                                + " the environment.");
        Optional<String> url =
                jwt.text(
                        "jwks-url", "Where an identity provider publishes its keys, as a JWK set.");
        return new IssuerSettings(
                key,
                files,
                secret,
                url.map(text -> ServiceUrl.checked(text, key + ".jwks-url")).orElse(null),
                jwt.duration(
                        "jwks-refresh",
                        Duration.ofMinutes(10),
                        Duration.ofSeconds(10),
                        Duration.ofDays(1),
                        "How often the keys of jwks-url are fetched. They still count when it does"
                                + " not answer."),
                jwt.text("issuer", "What the claim iss of tokens must be. Anything by default.")
                        .orElse(null),
                jwt.list(
                        "audience",
                        List.of(),
                        "The claim aud of tokens must name one of these. Not checked by default."),
                jwt.text(
                                "type",
                                "What the header typ of tokens must be, such as at+jwt. Anything by"
                                        + " default.")
                        .orElse(null),
                algorithms(
                        jwt.list(
                                "algorithms",
                                List.of(),
                                "The algorithms that tokens may be signed with, such as ES256. By"
                                        + " default those that the keys are for."),
                        key + ".algorithms"),
                jwt.duration(
                        "leeway",
                        Duration.ofSeconds(30),
                        Duration.ZERO,
                        Duration.ofMinutes(5),
                        "How far the clocks of issuer and server may differ."));
    }

    private static Set<Algorithm> algorithms(List<String> names, String key) {
        if (names.isEmpty()) {
            return EnumSet.allOf(Algorithm.class);
        }
        var algorithms = EnumSet.noneOf(Algorithm.class);
        for (String name : names) {
            algorithms.add(
                    Algorithm.of(name)
                            .orElseThrow(() ->
                                    new BrokerConfigurationException(
                                            "setting %s has an unknown algorithm value=%s known=%s"
                                                    .formatted(
                                                            key,
                                                            name,
                                                            List.of(Algorithm.values())))));
        }
        return algorithms;
    }

    /** Without the secrets. */
    @Override
    public String toString() {
        return "AuthSettings[issuers=%d]".formatted(issuers.size());
    }
}
