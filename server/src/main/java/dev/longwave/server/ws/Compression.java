package dev.longwave.server.ws;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Agrees on permessage-deflate: RFC 7692, section 7.1. Always without context takeover in both
 * directions, so that an event is compressed once for all clients, and no connection keeps a
 * window.
 */
final class Compression {

    private static final String NAME = "permessage-deflate";
    private static final String ANSWER =
            NAME + "; server_no_context_takeover; client_no_context_takeover";
    private static final String SERVER_BITS = "server_max_window_bits";
    private static final String CLIENT_BITS = "client_max_window_bits";
    private static final String LARGEST_WINDOW = "15";

    private Compression() {}

    /** The answer to the first offer that the server can take, if there is one. */
    static Optional<String> answer(List<String> fields) {
        return fields.stream()
                .flatMap(field -> Stream.of(field.split(",", -1)))
                .map(Compression::answer)
                .flatMap(Optional::stream)
                .findFirst();
    }

    private static Optional<String> answer(String offer) {
        String[] parts = offer.split(";", -1);
        if (!parts[0].strip().equalsIgnoreCase(NAME)) {
            return Optional.empty();
        }
        Map<String, String> parameters = new HashMap<>();
        for (int i = 1; i < parts.length; i++) {
            String part = parts[i].strip();
            int equals = part.indexOf('=');
            String name = equals < 0 ? part : part.substring(0, equals).strip();
            String value = equals < 0 ? "" : unquoted(part.substring(equals + 1).strip());
            if (!isValid(name, value, equals >= 0) || parameters.put(name, value) != null) {
                return Optional.empty();
            }
        }
        String bits = parameters.get(SERVER_BITS);
        if (bits == null) {
            return Optional.of(ANSWER);
        }
        // The JDK compresses with the largest window only.
        return bits.equals(LARGEST_WINDOW)
                ? Optional.of(ANSWER + "; " + SERVER_BITS + "=" + LARGEST_WINDOW)
                : Optional.empty();
    }

    private static boolean isValid(String name, String value, boolean hasValue) {
        return switch (name) {
            case "server_no_context_takeover", "client_no_context_takeover" -> !hasValue;
            case SERVER_BITS -> isBits(value);
            case CLIENT_BITS -> !hasValue || isBits(value);
            default -> false;
        };
    }

    private static boolean isBits(String value) {
        return value.equals("8") || value.equals("9") || value.matches("1[0-5]");
    }

    private static String unquoted(String value) {
        boolean quoted = value.length() > 1 && value.startsWith("\"") && value.endsWith("\"");
        return quoted ? value.substring(1, value.length() - 1) : value;
    }
}
