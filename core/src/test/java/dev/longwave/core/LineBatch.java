package dev.longwave.core;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Collects lines; a heartbeat is an empty one. */
final class LineBatch implements Batch {

    private static final int FULL_BYTES = 16 << 10;

    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private final List<Told> told = new ArrayList<>();

    /**
     * An event as a subscriber gets it.
     *
     * @param id the stream's event ID after it
     * @param topic its own topic, if it came through a pattern
     */
    record Told(String id, @Nullable String topic, String line) {}

    @Override
    public void add(Event event, Cursors cursors) {
        byte[] line = event.frame(LineFormat.LINES).bytes;
        bytes.writeBytes(line);
        told.add(
                new Told(
                        cursors.id(),
                        event.entry() == null ? null : event.entry().topic(),
                        new String(line, 0, line.length - 1, StandardCharsets.UTF_8)));
    }

    @Override
    public void addHeartbeat(Cursors cursors) {
        bytes.write('\n');
    }

    @Override
    public void addBytes(byte[] sent) {
        bytes.writeBytes(sent);
        told.add(new Told("", null, new String(sent, StandardCharsets.UTF_8)));
    }

    @Override
    public boolean isEmpty() {
        return bytes.size() == 0;
    }

    @Override
    public boolean isFull() {
        return bytes.size() >= FULL_BYTES;
    }

    @Override
    public void clear() {
        bytes.reset();
        told.clear();
    }

    byte[] bytes() {
        return bytes.toByteArray();
    }

    List<Told> events() {
        return List.copyOf(told);
    }

    List<String> lines() {
        return told.stream().map(Told::line).toList();
    }
}
