package dev.longwave.server.auth;

import dev.longwave.broker.BrokerConfigurationException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * The origins of pages that may use the server from other sites: RFC 6454. Immutable.
 *
 * <p>An entry is an origin, as browsers send it; one whose host begins with {@code *.}, for all
 * subdomains; or {@code *} for every page there is.
 */
public final class Origins {

    private static final String ANY = "*";
    private static final Pattern ORIGIN =
            Pattern.compile("https?://(\\*\\.)?([a-z0-9.-]+|\\[[0-9a-f:.]+])(:[0-9]{1,5})?");

    private final boolean any;
    private final Set<String> exact = new HashSet<>();
    private final List<Subdomains> subdomains = new ArrayList<>();

    private record Subdomains(String scheme, String suffix) {

        boolean match(String origin) {
            // What is before the suffix is one label or more: no slash, colon, or at sign.
            int end = origin.length() - suffix.length();
            return origin.startsWith(scheme)
                    && origin.endsWith(suffix)
                    && end > scheme.length()
                    && isLabels(origin.substring(scheme.length(), end));
        }

        private static boolean isLabels(String text) {
            return text.chars()
                    .allMatch(c ->
                            (c >= 'a' && c <= 'z')
                                    || (c >= '0' && c <= '9')
                                    || c == '-'
                                    || c == '.');
        }
    }

    private Origins(List<String> entries) {
        this.any = entries.contains(ANY);
        for (String entry : entries) {
            int wildcard = entry.indexOf("://*.");
            if (wildcard >= 0) {
                subdomains.add(
                        new Subdomains(
                                entry.substring(0, wildcard + 3), entry.substring(wildcard + 4)));
            } else {
                exact.add(entry);
            }
        }
    }

    /**
     * {@return the origins of these entries}
     *
     * @param setting the setting that has them
     * @throws BrokerConfigurationException if one is not an origin
     */
    static Origins of(List<String> entries, String setting) {
        var checked = new ArrayList<String>();
        for (String entry : entries) {
            String lower = entry.toLowerCase(Locale.ROOT);
            if (!lower.equals(ANY) && !ORIGIN.matcher(lower).matches()) {
                throw new BrokerConfigurationException(
                        ("setting %s must have origins such as https://app.example.com or"
                                        + " https://*.example.com, without a path value=%s")
                                .formatted(setting, entry));
            }
            checked.add(lower);
        }
        return new Origins(checked);
    }

    /** {@return whether every origin is among them} */
    boolean any() {
        return any;
    }

    /** {@return whether there are none} */
    boolean isEmpty() {
        return !any && exact.isEmpty() && subdomains.isEmpty();
    }

    /** {@return whether {@code origin} was named, itself or with its siblings} */
    boolean name(String origin) {
        return exact.contains(origin)
                || subdomains.stream().anyMatch(domain -> domain.match(origin));
    }
}
