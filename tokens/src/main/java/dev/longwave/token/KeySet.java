package dev.longwave.token;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.OctetSequenceKey;
import com.nimbusds.jose.util.Base64URL;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.text.ParseException;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/** Keys that tokens are signed or verified with. Immutable. */
public final class KeySet {

    private static final int MAX_FILE_BYTES = 256 << 10;
    private static final int MAX_KEYS = 100;

    private final List<VerificationKey> keys;

    private KeySet(List<VerificationKey> keys) {
        this.keys = List.copyOf(keys);
    }

    /**
     * {@return the keys in a file: a JWK or JWK set (RFC 7517), or public keys and certificates in
     * PEM}
     *
     * @throws KeyException if it cannot be read, has no key or a weak one, or holds a secret and
     *     can be read by everyone
     */
    public static KeySet read(Path file) throws KeyException {
        KeySet keys;
        try {
            if (Files.size(file) > MAX_FILE_BYTES) {
                throw new KeyException("the file is too long for keys");
            }
            keys = parse(Files.readString(file));
        } catch (IOException e) {
            throw new KeyException(
                    "cannot read the key file; longwave keygen --out FILE makes one file=" + file,
                    e);
        } catch (KeyException e) {
            throw new KeyException(e.getMessage() + " file=" + file, e);
        }
        if (keys.keys.stream().anyMatch(VerificationKey::isSecret)) {
            refuseReadableByAll(file);
        }
        return keys;
    }

    private static void refuseReadableByAll(Path file) throws KeyException {
        try {
            if (Files.getPosixFilePermissions(file).contains(PosixFilePermission.OTHERS_READ)) {
                throw new KeyException(
                        "everyone can read the key file: run chmod 600 " + file + " file=" + file);
            }
        } catch (UnsupportedOperationException _) {
            // No permissions of this kind here.
        } catch (IOException e) {
            throw new KeyException("cannot read the permissions of the key file file=" + file, e);
        }
    }

    private static KeySet parse(String text) throws KeyException {
        var keys = new ArrayList<VerificationKey>();
        if (text.contains("-----BEGIN ")) {
            for (JWK key : Pem.keys(text)) {
                keys.add(VerificationKey.of(key));
            }
        } else {
            Map<String, Object> object = object(text);
            List<Map<String, Object>> members =
                    object.containsKey("keys") ? members(object) : List.of(object);
            for (Map<String, Object> member : members) {
                keys.add(VerificationKey.of(jwk(member)));
            }
        }
        if (keys.isEmpty()) {
            throw new KeyException("there is no key: expected a JWK, a JWK set, or PEM");
        }
        return new KeySet(keys);
    }

    /**
     * {@return the keys of a JWK set that somebody publishes}
     *
     * <p>Keys that cannot verify signatures, that are weak, or of which this version knows nothing
     * are left out, and so are secrets: what is published is none.
     *
     * @throws KeyException if it is not a JWK set, or has more than {@value #MAX_KEYS} keys
     */
    public static KeySet parsePublic(String json) throws KeyException {
        List<Map<String, Object>> members = members(object(json));
        if (members.size() > MAX_KEYS) {
            throw new KeyException(
                    "the JWK set has too many keys keys=%d max=%d"
                            .formatted(members.size(), MAX_KEYS));
        }
        var keys = new ArrayList<VerificationKey>();
        for (Map<String, Object> member : members) {
            try {
                VerificationKey key = VerificationKey.of(jwk(member));
                if (!(key.jwk() instanceof OctetSequenceKey)) {
                    keys.add(new VerificationKey(key.jwk().toPublicJWK(), key.algorithms()));
                }
            } catch (KeyException _) {
                // One for something else.
            }
        }
        return new KeySet(keys);
    }

    /**
     * {@return a secret for HMAC}
     *
     * @param text 32 bytes or more as base64url
     * @throws KeyException if it is something else
     */
    public static KeySet secret(String text) throws KeyException {
        if (!text.matches("[A-Za-z0-9_-]+=*")) {
            throw new KeyException("the secret must be base64url of 32 bytes or more");
        }
        return new KeySet(
                List.of(
                        VerificationKey.of(
                                new OctetSequenceKey.Builder(new Base64URL(text.replace("=", "")))
                                        .build())));
    }

    private static Map<String, Object> object(String json) throws KeyException {
        try {
            return StrictJson.object(json.getBytes(StandardCharsets.UTF_8));
        } catch (IOException e) {
            // What is wrong with it could show the key.
            throw new KeyException("not a JSON object: expected a JWK, a JWK set, or PEM");
        }
    }

    private static List<Map<String, Object>> members(Map<String, Object> set) throws KeyException {
        if (!(set.get("keys") instanceof List<?> list)) {
            throw new KeyException("not a JWK set: there is no array named keys");
        }
        var members = new ArrayList<Map<String, Object>>();
        for (Object element : list) {
            if (element instanceof Map<?, ?> map) {
                @SuppressWarnings("unchecked") // JSON objects have names
                Map<String, Object> member = (Map<String, Object>) map;
                members.add(member);
            }
        }
        return members;
    }

    private static JWK jwk(Map<String, Object> members) throws KeyException {
        try {
            return JWK.parse(members);
        } catch (ParseException | IllegalArgumentException e) {
            throw new KeyException("not a JWK of a kind that can verify tokens");
        }
    }

    static KeySet of(JWK key) throws KeyException {
        return new KeySet(List.of(VerificationKey.of(key)));
    }

    /** {@return the keys of both} */
    public KeySet plus(KeySet other) {
        var all = new ArrayList<>(keys);
        all.addAll(other.keys);
        return new KeySet(all);
    }

    /** {@return whether there is no key} */
    public boolean isEmpty() {
        return keys.isEmpty();
    }

    /**
     * {@return 32 secret bytes for another use, the same for the same secret key; empty if all keys
     * are public}
     *
     * @param label the use
     */
    public Optional<byte[]> derived(String label) {
        for (VerificationKey key : keys) {
            if (key.isSecret()) {
                return Optional.of(derived(key.jwk(), label));
            }
        }
        return Optional.empty();
    }

    private static byte[] derived(JWK key, String label) {
        try {
            byte[] secret =
                    MessageDigest.getInstance("SHA-256")
                            .digest(key.toJSONString().getBytes(StandardCharsets.UTF_8));
            if (key instanceof OctetSequenceKey octets) {
                secret = octets.toByteArray();
            }
            var mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(secret, "HmacSHA256"));
            return mac.doFinal(label.getBytes(StandardCharsets.UTF_8));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK can do this", e);
        }
    }

    /** The keys that may have signed a token with this key ID, if it has one. */
    List<VerificationKey> candidates(@Nullable String id) {
        if (id == null) {
            return keys;
        }
        // A key without an ID may be any.
        return keys.stream()
                .filter(key -> key.jwk().getKeyID() == null || key.jwk().getKeyID().equals(id))
                .toList();
    }

    /** The first key that can sign. */
    Optional<VerificationKey> signing() {
        return keys.stream().filter(VerificationKey::isSecret).findFirst();
    }

    /** {@return the IDs of the keys that have one} */
    public Set<String> ids() {
        var ids = new LinkedHashSet<String>();
        for (VerificationKey key : keys) {
            if (key.jwk().getKeyID() != null) {
                ids.add(key.jwk().getKeyID());
            }
        }
        return ids;
    }

    /** Without the keys. */
    @Override
    public String toString() {
        return "KeySet[keys=" + keys.size() + ']';
    }

    /** {@return the RFC 7638 thumbprint of {@code key}} */
    static String thumbprint(JWK key) {
        try {
            return key.computeThumbprint().toString();
        } catch (JOSEException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }
}
