package dev.longwave.server.http;

import dev.longwave.server.net.IpAddress;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What one proxy says of the request that it received: an element of {@code Forwarded}, RFC 7239,
 * or of {@code X-Forwarded-For}, which every proxy writes as it likes.
 *
 * @param node from whom, as it stands there; null if the proxy does not say
 * @param scheme by which scheme, in lower case; null if the proxy does not say
 */
record ForwardedElement(@Nullable String node, @Nullable String scheme) {

    /** Its repetitions are possessive: others use the thread's stack for each character. */
    private static final Pattern PAIR =
            Pattern.compile(
                    "([!#$%&'*+.^_`|~0-9A-Za-z-]++)="
                            + "(?:\"([^\"\\\\]*+(?:\\\\.[^\"\\\\]*+)*+)\"|([^\\s\",;=]++))");

    private static final Pattern WITH_PORT =
            Pattern.compile("(?:\\[([^\\]]*)]|([^:]*))(?::(?:[0-9]{1,5}|_[A-Za-z0-9._-]+))?");

    /** The text is not what a proxy may write. */
    static final class MalformedException extends Exception {
        private static final long serialVersionUID = 1;

        MalformedException(String message) {
            super(message);
        }
    }

    /** {@return the elements of one field {@code Forwarded}, the nearest proxy's last} */
    static List<ForwardedElement> parse(String field) throws MalformedException {
        var elements = new ArrayList<ForwardedElement>();
        Map<String, String> pairs = new LinkedHashMap<>();
        Matcher pair = PAIR.matcher(field);
        int at = 0;
        boolean pairMayFollow = true;
        while (at < field.length()) {
            char c = field.charAt(at);
            if (c == ',') {
                add(pairs, elements);
                pairMayFollow = true;
                at++;
            } else if (c == ';') {
                pairMayFollow = true;
                at++;
            } else if (c == ' ' || c == '\t') {
                at++;
            } else if (pairMayFollow && pair.region(at, field.length()).lookingAt()) {
                put(pairs, pair);
                pairMayFollow = false;
                at = pair.end();
            } else {
                throw new MalformedException("Forwarded is not valid: RFC 7239, section 4");
            }
        }
        add(pairs, elements);
        return elements;
    }

    private static void put(Map<String, String> pairs, Matcher pair) throws MalformedException {
        @Nullable String quoted = pair.group(2);
        String value = quoted == null ? pair.group(3) : quoted.replaceAll("\\\\(.)", "$1");
        if (pairs.put(pair.group(1).toLowerCase(Locale.ROOT), value) != null) {
            throw new MalformedException("Forwarded has a parameter twice in one element");
        }
    }

    /** Lists may have empty elements: RFC 9110, section 5.6.1. */
    private static void add(Map<String, String> pairs, List<ForwardedElement> elements) {
        if (!pairs.isEmpty()) {
            @Nullable String scheme = pairs.get("proto");
            elements.add(
                    new ForwardedElement(
                            pairs.get("for"),
                            scheme == null ? null : scheme.toLowerCase(Locale.ROOT)));
            pairs.clear();
        }
    }

    /**
     * {@return the address of {@link #node}; empty if it is unknown, or hidden behind a word}
     *
     * @throws MalformedException if it is neither an address nor such a word
     */
    Optional<InetAddress> address() throws MalformedException {
        if (node == null || node.equalsIgnoreCase("unknown") || node.startsWith("_")) {
            return Optional.empty();
        }
        Optional<InetAddress> plain = IpAddress.of(node);
        if (plain.isPresent()) {
            return plain;
        }
        Matcher withPort = WITH_PORT.matcher(node);
        if (withPort.matches()) {
            @Nullable String six = withPort.group(1);
            Optional<InetAddress> address = IpAddress.of(six == null ? withPort.group(2) : six);
            if (address.isPresent()) {
                return address;
            }
        }
        throw new MalformedException("the client's address is not valid");
    }
}
