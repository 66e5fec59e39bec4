package dev.longwave.token;

import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.jwk.OctetSequenceKey;
import com.nimbusds.jose.util.Base64URL;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFilePermission;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Keys that verify tokens and, where their secret or private half is there, sign them.
 *
 * <p>Each key may be used for its own {@code alg}; a key without one, for all algorithms that its
 * kind, curve, and length allow. A key without an ID, as from a PEM file, may verify a token with
 * any {@code kid} or none. Immutable, and safe for many threads.
 */
public final class KeySet {

    private static final int MAX_BYTES = 1 << 20;
    private static final Set<PosixFilePermission> READABLE_BY_OTHERS =
            Set.of(PosixFilePermission.OTHERS_READ); // a group is how Kubernetes gives it to a pod
    private static final KeySet EMPTY = new KeySet(List.of());

    private final List<Key> keys;

    private KeySet(List<Key> keys) {
        this.keys = List.copyOf(keys);
    }

    /** {@return no keys: a verifier that has none refuses every token} */
    public static KeySet empty() {
        return EMPTY;
    }

    /**
     * Reads a JWK, a JWK set of up to 100 keys, or a PEM file with public keys, PKCS#8 private
     * keys, or one X.509 certificate, of which only the key counts, not the dates. Keys for
     * encryption are left out.
     *
     * @param file the file, at most 1 MiB long; it may be a link
     * @return its keys, at least one
     * @throws KeyException if the file cannot be read, has no key for signatures, has one that is
     *     too weak or of an unsupported kind, or has a secret and can be read by others than its
     *     owner
     */
    public static KeySet read(Path file) {
        try {
            String text = text(file);
            List<Key> keys = checked(text.contains(Pem.BEGIN) ? Pem.keys(text) : jwks(text));
            if (keys.stream().anyMatch(Key::isSecret)) {
                checkPermissions(file);
            }
            return new KeySet(keys);
        } catch (KeyException e) {
            throw new KeyException(
                    "cannot use the key file %s: %s".formatted(file, e.getMessage()), e);
        } catch (NoSuchFileException e) {
            throw new KeyException(
                    "cannot use the key file %s: it does not exist".formatted(file), e);
        } catch (AccessDeniedException e) {
            throw new KeyException(
                    ("cannot use the key file %s: permission denied; it must belong to the user"
                                    + " that runs longwave")
                            .formatted(file),
                    e);
        } catch (IOException e) {
            throw new KeyException(
                    "cannot use the key file %s: reading failed: %s"
                            .formatted(file, e.getMessage()),
                    e);
        }
    }

    private static String text(Path file) throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            byte[] bytes = in.readNBytes(MAX_BYTES + 1);
            if (bytes.length > MAX_BYTES) {
                throw new KeyException("it is longer than 1 MiB");
            }
            return new String(bytes, StandardCharsets.UTF_8);
        }
    }

    private static List<Key> jwks(String text) {
        if (!text.stripLeading().startsWith("{")) {
            throw new KeyException(
                    "it is neither a JWK nor a PEM file: create a key with longwave keygen --out"
                            + " FILE");
        }
        return Jwks.setOrKey(text).stream().filter(Jwks::isForSignatures).map(Jwks::key).toList();
    }

    private static List<Key> checked(List<Key> keys) {
        if (keys.isEmpty()) {
            throw new KeyException(
                    "there is no key for signatures: create one with longwave keygen --out FILE");
        }
        return keys;
    }

    private static void checkPermissions(Path file) throws IOException {
        @Nullable PosixFileAttributeView posix =
                Files.getFileAttributeView(file, PosixFileAttributeView.class);
        if (posix != null
                && posix.readAttributes().permissions().stream()
                        .anyMatch(READABLE_BY_OTHERS::contains)) {
            throw new KeyException(
                    ("it has a secret, and others than its owner can read it: run chmod 600 %s; if"
                                    + " others may have read it, create a new key")
                            .formatted(file));
        }
    }

    /**
     * Reads a JWK set as an issuer publishes it. Symmetric keys, keys whose private half is
     * published with them, keys for encryption, and keys that cannot be used are left out.
     *
     * @param json the JWK set, at most 1 MiB long
     * @return its keys, or none
     * @throws KeyException if it is not a JWK set, or has more than 100 keys
     */
    public static KeySet parsePublic(String json) {
        if (json.length() > MAX_BYTES) {
            throw new KeyException("the JWK set is longer than 1 MiB");
        }
        return new KeySet(
                Jwks.set(json).stream()
                        .filter(Jwks::isForSignatures)
                        .flatMap(jwk -> publicKey(jwk).stream())
                        .toList());
    }

    private static Optional<Key> publicKey(Map<String, @Nullable Object> jwk) {
        try {
            return Optional.of(Jwks.key(jwk)).filter(key -> !key.isSecret());
        } catch (KeyException _) {
            return Optional.empty(); // issuers publish keys for other purposes, too
        }
    }

    /**
     * Reads a key from text, such as the value of an environment variable.
     *
     * @param text a JWK, or at least 32 bytes in base64 or base64url: a key for HS256, without an
     *     ID
     * @return the key
     * @throws KeyException if it is neither, or too weak
     */
    public static KeySet secret(String text) {
        String stripped = text.strip();
        if (stripped.startsWith("{")) {
            return new KeySet(checked(jwks(stripped)));
        }
        String base64Url = stripped.replace('+', '-').replace('/', '_').replaceFirst("={1,2}$", "");
        byte[] secret =
                Base64Url.decode(base64Url)
                        .orElseThrow(() ->
                                new KeyException(
                                        "the key must be a JWK, or 32 random bytes in base64url:"
                                                + " create one with openssl rand -base64 32"));
        return new KeySet(
                List.of(
                        Key.of(
                                new OctetSequenceKey.Builder(Base64URL.encode(secret))
                                        .algorithm(JWSAlgorithm.HS256)
                                        .build())));
    }

    /** {@return the keys of both} */
    public KeySet plus(KeySet other) {
        List<Key> both = new ArrayList<>(keys);
        both.addAll(other.keys);
        return new KeySet(both);
    }

    /**
     * {@return whether one of them has signed a token with this {@link Token#key()}, or could have}
     */
    public boolean contains(String thumbprint) {
        return keys.stream().anyMatch(key -> key.thumbprint().equals(thumbprint));
    }

    /** {@return whether there is no key} */
    public boolean isEmpty() {
        return keys.isEmpty();
    }

    /**
     * Derives a secret for another use from the first secret or private key.
     *
     * @param use what the secret is for; another one gives another secret
     * @return 32 bytes, the same for the same key; empty if all keys are public
     */
    public Optional<byte[]> derived(String use) {
        return keys.stream().filter(Key::isSecret).findFirst().map(key -> key.derived(use));
    }

    /** The keys that a token with this {@code kid} may be signed with. */
    List<Key> candidates(@Nullable String id) {
        return keys.stream()
                .filter(key -> id == null || key.id() == null || id.equals(key.id()))
                .toList();
    }

    /** The first key that can sign. */
    Optional<Key> signing() {
        return keys.stream().filter(Key::canSign).findFirst();
    }

    /** {@return the IDs and algorithms of the keys, for people} */
    @Override
    public String toString() {
        return keys.toString();
    }
}
