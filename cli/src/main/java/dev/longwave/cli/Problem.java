package dev.longwave.cli;

import java.util.Map;
import java.util.OptionalLong;

/**
 * Why a server said no: a problem document (RFC 9457), or what is left of one if something between
 * here and the server answered in its place.
 *
 * @param status the status of the answer
 * @param members the members of the document, none if there was no document
 */
record Problem(int status, Map<String, String> members) {

    static Problem of(int status, String body) {
        return new Problem(status, Json.members(body).orElse(Map.of()));
    }

    /** {@return the line of the request that was refused, counted from 1, if it was one line} */
    OptionalLong line() {
        try {
            return OptionalLong.of(Long.parseLong(members.getOrDefault("line", "")));
        } catch (NumberFormatException _) {
            return OptionalLong.empty();
        }
    }

    /** {@return the rule that was broken; empty if it is not known} */
    String rule() {
        String type = members.getOrDefault("type", "");
        return type.substring(type.lastIndexOf(':') + 1);
    }

    /** {@return the problem in one sentence} */
    String text() {
        String title = members.getOrDefault("title", "");
        String detail = members.getOrDefault("detail", "");
        String separator = title.isEmpty() || detail.isEmpty() ? "" : ": ";
        String text = title + separator + detail;
        return text.isEmpty()
                ? "the server answered " + status
                : "%s (status %d)".formatted(text, status);
    }
}
