package dev.longwave.server.sse;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Reads an event stream back, by the grammar's letter as far as these tests need it. */
final class Blocks {

    record Block(
            Optional<String> id,
            Optional<String> topic,
            Optional<String> type,
            Optional<String> data) {}

    private Blocks() {}

    static List<Block> of(String text) {
        var blocks = new ArrayList<Block>();
        Optional<String> id = Optional.empty();
        Optional<String> topic = Optional.empty();
        Optional<String> type = Optional.empty();
        Optional<String> data = Optional.empty();
        for (String line : text.split("\r\n|\r|\n", -1)) {
            int colon = line.indexOf(':');
            String name = colon < 0 ? line : line.substring(0, colon);
            String value = colon < 0 ? "" : line.substring(colon + 1).replaceFirst("^ ", "");
            switch (name) {
                case "id" -> id = Optional.of(value);
                case "topic" -> topic = Optional.of(value);
                case "event" -> type = Optional.of(value);
                case "data" -> data = Optional.of(data.map(d -> d + "\n").orElse("") + value);
                default -> {
                    if (line.isEmpty() && (id.isPresent() || data.isPresent())) {
                        blocks.add(new Block(id, topic, type, data));
                        id = Optional.empty();
                        topic = Optional.empty();
                        type = Optional.empty();
                        data = Optional.empty();
                    }
                }
            }
        }
        return blocks;
    }
}
