package dev.longwave.server.publish;

import java.util.Locale;
import java.util.Set;

/** The media types of one JSON object per line. */
final class LineTypes {

    static final String NDJSON = "application/x-ndjson";

    /** With the last, each line begins with a record separator: RFC 7464. */
    private static final Set<String> ALL =
            Set.of(NDJSON, "application/ndjson", "application/jsonl", "application/json-seq");

    private LineTypes() {}

    /** Whether {@code essence}, a type and subtype without parameters, is one of them. */
    static boolean isOne(String essence) {
        return ALL.contains(essence.toLowerCase(Locale.ROOT));
    }
}
