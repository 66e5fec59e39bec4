package dev.longwave.cli;

import dev.longwave.token.Sha256;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** A new API key, and its entry in the file of a server, which knows only the hash. */
final class ApiKey {

    private static final String PREFIX = "lwk_"; // by which servers and scanners know it
    private static final int BYTES = 32;
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9_-]{0,63}");
    private static final Pattern TOPICS = Pattern.compile("[^\"\\\\,\\p{Cntrl}]{1,255}");

    private final String text;
    private final String name;
    private final List<String> publish;
    private final List<String> subscribe;

    /**
     * @param name of its entry
     * @param publish where it may publish, as patterns
     * @param subscribe what it may read, as patterns
     */
    ApiKey(String name, List<String> publish, List<String> subscribe) {
        var random = new byte[BYTES];
        new SecureRandom().nextBytes(random);
        this.text = PREFIX + HexFormat.of().formatHex(random);
        this.name = name;
        this.publish = List.copyOf(publish);
        this.subscribe = List.copyOf(subscribe);
    }

    /** The key itself. */
    String text() {
        return text;
    }

    /**
     * {@return one line of YAML}
     *
     * @throws IllegalArgumentException if the name or a pattern cannot stand there
     */
    String entry() {
        if (!NAME.matcher(name).matches()) {
            throw new IllegalArgumentException(
                    "the name of an API key has 1 to 64 letters, digits, dashes, and underscores");
        }
        return "%s: {sha256: \"%s\"%s%s}"
                .formatted(
                        name,
                        Sha256.hex(text),
                        list("publish", publish),
                        list("subscribe", subscribe));
    }

    private static String list(String key, List<String> patterns) {
        for (String pattern : patterns) {
            if (!TOPICS.matcher(pattern).matches()) {
                throw new IllegalArgumentException("not a topic pattern: " + pattern);
            }
        }
        return patterns.isEmpty()
                ? ""
                : patterns.stream()
                        .map(pattern -> '"' + pattern + '"')
                        .collect(Collectors.joining(", ", ", " + key + ": [", "]"));
    }
}
