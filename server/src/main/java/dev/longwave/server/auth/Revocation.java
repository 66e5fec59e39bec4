package dev.longwave.server.auth;

import com.fasterxml.jackson.databind.JsonNode;
import dev.longwave.server.http.Json;
import dev.longwave.server.session.Credential;
import dev.longwave.token.Sha256;
import java.time.Instant;
import java.util.Locale;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * That some clients lose their connections, and maybe their right to connect again.
 *
 * @param kind what of a credential is meant
 * @param hash the SHA-256 of it, so that the message does not name anybody
 * @param at when that was said: a credential that is issued later is not meant
 * @param until how long clients may not connect; {@code at}, if they may at once
 */
record Revocation(Kind kind, String hash, Instant at, Instant until) {

    /** What of a credential a revocation names. */
    enum Kind {
        SUBJECT,
        TOKEN;

        String word() {
            return name().toLowerCase(Locale.ROOT);
        }

        @Nullable String of(Credential credential) {
            return switch (this) {
                case SUBJECT -> credential.subject();
                case TOKEN -> credential.tokenId();
            };
        }
    }

    static Revocation of(Kind kind, String value, Instant at, Instant until) {
        return new Revocation(kind, hash(value), at, until);
    }

    static String hash(String value) {
        return Sha256.hex(value);
    }

    /**
     * {@return whether it means a client with {@code credential}}
     *
     * @param hashing gives the {@link #hash(String)} of a text
     */
    boolean means(Credential credential, UnaryOperator<String> hashing) {
        String value = kind.of(credential);
        Instant issued = credential.issued();
        return value != null
                && (issued == null || !issued.isAfter(at))
                && hashing.apply(value).equals(hash);
    }

    /** {@return both: what is said later takes nothing back} */
    Revocation and(Revocation other) {
        return new Revocation(
                kind,
                hash,
                at.isAfter(other.at) ? at : other.at,
                until.isAfter(other.until) ? until : other.until);
    }

    /** {@return the message that tells other nodes} */
    byte[] bytes() {
        return Json.bytes(
                Json.object()
                        .put("kind", kind.word())
                        .put("hash", hash)
                        .put("at", at.toEpochMilli())
                        .put("until", until.toEpochMilli()));
    }

    /** {@return the revocation that {@code message} tells of, if it is one} */
    static Optional<Revocation> parse(byte[] message) {
        try {
            JsonNode json = Json.parse(message, 0, message.length);
            return Optional.of(
                    new Revocation(
                            Kind.valueOf(json.path("kind").asText().toUpperCase(Locale.ROOT)),
                            json.path("hash").asText(),
                            Instant.ofEpochMilli(json.path("at").longValue()),
                            Instant.ofEpochMilli(json.path("until").longValue())));
        } catch (IllegalArgumentException _) {
            return Optional.empty();
        }
    }
}
