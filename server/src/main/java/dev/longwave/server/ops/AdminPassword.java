package dev.longwave.server.ops;

import dev.longwave.broker.BrokerConfigurationException;
import dev.longwave.broker.Settings;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.Base64;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The password of the admin listener, which operators and their tools send with each request: HTTP
 * Basic, RFC 7617, with the user {@code admin}. Safe for many threads.
 */
public final class AdminPassword {

    private static final String USER = "admin";
    private static final String SCHEME = "basic ";
    private static final Pattern ALLOWED = Pattern.compile("[!-~]{16,256}");

    private final byte[] credentials;

    private AdminPassword(String password) {
        this.credentials = (USER + ':' + password).getBytes(StandardCharsets.US_ASCII);
    }

    /**
     * Reads the settings {@code admin.password} and {@code admin.password-file}.
     *
     * @param admin the section {@code admin}
     * @return null if neither is set
     * @throws BrokerConfigurationException if it is not long enough or cannot be read; the message
     *     does not show it
     */
    public static @Nullable AdminPassword read(Settings admin) {
        String password =
                admin.text(
                        "password",
                        "",
                        "The password for the admin listener, with the user name admin: 16 to 256"
                                + " visible ASCII characters. Without one, everyone who can reach"
                                + " the listener can use it.");
        Optional<String> file =
                admin.text(
                        "password-file",
                        "A file that contains this password, instead of admin.password.");
        if (!password.isEmpty()) {
            return of(password);
        }
        if (file.isEmpty()) {
            return null;
        }
        try {
            return of(Files.readString(Path.of(file.get())).strip());
        } catch (IOException e) {
            throw new BrokerConfigurationException(
                    "cannot read the file of admin.password-file file=" + file.get(), e);
        }
    }

    /** As {@link #read}, with the password itself. */
    static AdminPassword of(String password) {
        if (!ALLOWED.matcher(password).matches()) {
            throw new BrokerConfigurationException(
                    "the password for the admin listener must have 16 to 256 visible ASCII"
                            + " characters, for example those of: openssl rand -base64 24");
        }
        return new AdminPassword(password);
    }

    /** {@return whether {@code authorization}, the value of that header field, contains it} */
    boolean isIn(String authorization) {
        if (!authorization.toLowerCase(Locale.ROOT).startsWith(SCHEME)) {
            return false;
        }
        try {
            byte[] given =
                    Base64.getDecoder().decode(authorization.substring(SCHEME.length()).strip());
            return MessageDigest.isEqual(credentials, given); // takes as long for each wrong one
        } catch (IllegalArgumentException _) {
            return false;
        }
    }

    @Override
    public String toString() {
        return "***";
    }
}
