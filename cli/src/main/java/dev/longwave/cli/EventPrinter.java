package dev.longwave.cli;

import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;

/** Writes events for people, or as JSON for programs. */
final class EventPrinter {

    private final Terminal terminal;
    private final boolean json;
    private final Optional<String> topic;

    /**
     * @param topic the topic of all events that do not say theirs, nothing if they are of several
     */
    EventPrinter(Terminal terminal, boolean json, Optional<String> topic) {
        this.terminal = terminal;
        this.json = json;
        this.topic = topic;
    }

    /**
     * Writes an event, or tells of a gap.
     *
     * @return whether it was an event
     * @throws IOException if nobody reads the output any more
     */
    boolean print(ServerSentEvent event) throws IOException {
        Optional<Map<String, String>> gap =
                event.type().equals("gap") ? Json.members(event.data()) : Optional.empty();
        if (gap.isPresent()) {
            printGap(event.data(), gap.get());
            return false;
        }
        writeLine(json ? json(event) : event.data());
        return true;
    }

    /** Sends what was written on its way. */
    void flush() throws IOException {
        terminal.out().flush();
    }

    private String json(ServerSentEvent event) {
        return Json.object(object -> {
            writeUnlessEmpty(
                    object, "topic", event.topic().isEmpty() ? topic.orElse("") : event.topic());
            writeUnlessEmpty(object, "id", event.id());
            writeUnlessEmpty(object, "type", event.type());
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
        if (json) {
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
