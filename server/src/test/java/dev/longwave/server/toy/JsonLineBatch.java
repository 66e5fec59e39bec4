package dev.longwave.server.toy;

import dev.longwave.core.Batch;
import dev.longwave.core.Cursors;
import dev.longwave.core.Event;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/** Lines that are written together. */
final class JsonLineBatch implements Batch {

    private static final int FULL_BYTES = 16 << 10;

    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

    @Override
    public void add(Event event, Cursors cursors) {
        addId(cursors);
        bytes.writeBytes(event.frame(JsonLineFormat.LINES).rest);
    }

    @Override
    public void addHeartbeat(Cursors cursors) {
        addId(cursors);
        bytes.writeBytes(",\"heartbeat\":true}\n".getBytes(StandardCharsets.US_ASCII));
    }

    private void addId(Cursors cursors) {
        bytes.writeBytes("{\"id\":\"%s\"".formatted(cursors.id()).getBytes(StandardCharsets.US_ASCII));
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
    }

    byte[] bytes() {
        return bytes.toByteArray();
    }
}
