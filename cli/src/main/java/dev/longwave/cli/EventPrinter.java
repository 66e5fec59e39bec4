package dev.longwave.cli;

import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/** Writes events for people, or for programs. */
final class EventPrinter {

    private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("HH:mm:ss.SSS");

    /** What a terminal could obey. */
    private static final Pattern CONTROLS = Pattern.compile("[\\p{Cc}\\p{Cf}&&[^\\n\\t]]");

    private static final String DIM = "\033[2m";
    private static final String CYAN = "\033[36m";
    private static final String BOLD = "\033[1m";
    private static final String PLAIN = "\033[0m";

    private final Terminal terminal;
    private final Style style;
    private final boolean coloured;
    private final Optional<String> topic;

    /** What is written of an event. */
    enum Style {
        /** Its data, and nothing else. */
        DATA,
        /** Its time, topic, type, and data, on a line; further lines of data are indented. */
        READABLE,
        /** All of it, as a JSON object on a line. */
        JSON
    }

    /**
     * @param coloured whether a readable line is coloured
     * @param topic the topic of all events that do not say theirs, nothing if they are of several
     */
    EventPrinter(Terminal terminal, Style style, boolean coloured, Optional<String> topic) {
        this.terminal = terminal;
        this.style = style;
        this.coloured = coloured;
        this.topic = topic;
    }

    /**
     * Writes an event, or tells of a gap.
     *
     * @return whether it was an event
     * @throws IOException if the output cannot be written
     */
    boolean print(ServerSentEvent event) throws IOException {
        Optional<Map<String, String>> gap =
                event.type().equals("gap") ? Json.members(event.data()) : Optional.empty();
        if (gap.isPresent()) {
            printGap(event.data(), gap.get());
            return false;
        }
        writeLine(
                switch (style) {
                    case DATA -> event.data();
                    case READABLE -> readable(event);
                    case JSON -> json(event);
                });
        return true;
    }

    /** Sends what was written on its way. */
    void flush() throws IOException {
        terminal.out().flush();
    }

    private String readable(ServerSentEvent event) {
        var line = new StringBuilder();
        addPart(line, DIM, time(event.time()));
        addPart(line, CYAN, event.topic().isEmpty() ? topic.orElse("") : event.topic());
        addPart(line, BOLD, event.type());
        return line + plain(event.data()).replace("\n", "\n    ");
    }

    private void addPart(StringBuilder line, String colour, String part) {
        if (!part.isEmpty()) {
            String text = plain(part);
            line.append(coloured ? colour + text + PLAIN : text).append("  ");
        }
    }

    private static String plain(String text) {
        return CONTROLS.matcher(text)
                .replaceAll(control -> "\\\\u%04x".formatted((int) control.group().charAt(0)));
    }

    /** The time of day where the reader is. */
    private static String time(String text) {
        try {
            return text.isEmpty()
                    ? ""
                    : TIME.format(Instant.parse(text).atZone(ZoneId.systemDefault()));
        } catch (DateTimeException _) {
            return text;
        }
    }

    private String json(ServerSentEvent event) {
        return Json.object(object -> {
            writeUnlessEmpty(
                    object, "topic", event.topic().isEmpty() ? topic.orElse("") : event.topic());
            writeUnlessEmpty(object, "id", event.id());
            writeUnlessEmpty(object, "time", event.time());
            writeUnlessEmpty(object, "type", event.type());
            writeUnlessEmpty(object, "encoding", event.encoding());
            object.writeStringField("data", event.data());
        });
    }

    private static void writeUnlessEmpty(JsonGenerator object, String name, String value)
            throws IOException {
        if (!value.isEmpty()) {
            object.writeStringField(name, value);
        }
    }

    private void printGap(String data, Map<String, String> gap) throws IOException {
        if (style == Style.JSON) {
            // An event's data may have line breaks, and between the members of an object they mean
            // nothing; within a string there are none.
            String oneLine = data.replaceAll("[\\r\\n]+", " ");
            writeLine("{\"gap\":" + oneLine + '}');
            return;
        }
        flush();
        terminal.say(
                "gap in %s: events after %s and before %s are missing (%s)"
                        .formatted(
                                gap.getOrDefault("topic", "?"),
                                gap.getOrDefault("after", "?"),
                                gap.getOrDefault("before", "?"),
                                gap.getOrDefault("reason", "?")));
    }

    private void writeLine(String text) throws IOException {
        OutputStream out = terminal.out();
        out.write(text.getBytes(StandardCharsets.UTF_8));
        out.write('\n');
    }
}
