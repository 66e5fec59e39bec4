package dev.longwave.server.auth;

import dev.longwave.broker.BrokerConfigurationException;
import dev.longwave.broker.Settings;
import dev.longwave.server.auth.Identity.Validity;
import dev.longwave.server.session.Credential;
import dev.longwave.token.Sha256;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Supplier;
import java.util.regex.Pattern;

/**
 * The keys of servers that publish, by name. Only their hashes are known here. Safe for many
 * threads.
 */
final class ApiKeys {
    /*
     * A key is 256 random bits, so a plain hash cannot be turned round. All hashes are compared, each in constant time.
     */

    /**
     * What a key begins with, so that it is not taken for a token, and scanners find leaked ones.
     */
    static final String PREFIX = "lwk_";

    /** How credentials name these keys, beside the issuers. */
    static final String SOURCE = "auth.keys-file";

    private static final Pattern SHA256 = Pattern.compile("[0-9A-Fa-f]{64}");

    private final Supplier<List<Entry>> entries;
    private final Supplier<AccessRules> rules;
    private final Validity validity;

    /** A key's hash, and what it may do. */
    record Entry(String name, String sha256, Grant grant) {}

    /**
     * @param entries the keys at the moment
     * @param rules those in force, of which those for everyone apply
     */
    ApiKeys(Supplier<List<Entry>> entries, Supplier<AccessRules> rules, Validity validity) {
        this.entries = entries;
        this.rules = rules;
        this.validity = validity;
    }

    /**
     * Reads keys: one section for each, by name.
     *
     * @throws BrokerConfigurationException if one is not valid
     */
    static List<Entry> read(Settings settings) {
        var entries = new ArrayList<Entry>();
        for (String name : settings.names()) {
            entries.add(entry(name, settings.section(name)));
        }
        settings.refuseUnknown();
        return entries;
    }

    private static Entry entry(String name, Settings key) {
        String hash =
                key.text("sha256", "The SHA-256 of the key, in hexadecimal digits.").orElse("");
        List<String> publish =
                key.list("publish", List.of(), "The topics it may publish to, as patterns.");
        List<String> subscribe =
                key.list("subscribe", List.of(), "The topics it may read, as patterns.");
        if (!SHA256.matcher(hash).matches()) {
            throw new BrokerConfigurationException(
                    ("key %s has no valid sha256: it must be the SHA-256 of the key as 64"
                                    + " hexadecimal digits, as sha256sum prints it")
                            .formatted(name));
        }
        try {
            return new Entry(
                    name,
                    hash.toLowerCase(Locale.ROOT),
                    new Grant(
                            new Permissions(
                                    Permissions.patterns(subscribe, name),
                                    Permissions.patterns(publish, name),
                                    List.of()),
                            Grantee.ANONYMOUS));
        } catch (IllegalArgumentException e) {
            throw new BrokerConfigurationException(
                    "key %s has an entry that is not a topic pattern: %s"
                            .formatted(name, e.getMessage()),
                    e);
        }
    }

    /**
     * {@return the server whose key {@code text} is}
     *
     * @throws dev.longwave.server.http.ProblemException if it is none's
     */
    Identity identify(String text) {
        byte[] sha256 = bytes(Sha256.hex(text));
        Entry found = null;
        for (Entry entry : entries.get()) {
            if (MessageDigest.isEqual(bytes(entry.sha256()), sha256)) {
                found = entry;
            }
        }
        if (found == null) {
            throw Refusals.credentialRefused("unknown-key", "no such API key").exception();
        }
        Entry accepted = found;
        return Identity.of(
                Credential.of("key:" + found.name(), new Credential.Key(SOURCE, found.sha256())),
                new Rights(() -> grant(accepted), rules),
                validity,
                Profile.SERVER);
    }

    /** What the key may do now: its entry may have changed, and nothing is left if it is gone. */
    private Grant grant(Entry accepted) {
        return entries.get().stream()
                .filter(entry -> entry.sha256().equals(accepted.sha256()))
                .findFirst()
                .map(Entry::grant)
                .orElse(new Grant(Permissions.NONE, Grantee.NOBODY));
    }

    private static byte[] bytes(String hex) {
        return hex.getBytes(StandardCharsets.US_ASCII);
    }
}
