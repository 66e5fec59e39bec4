package dev.longwave.testing;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * What comes in the messages of another protocol, as the bytes of an event stream, so that an
 * {@link EventSourceClient} can read it. For one thread.
 */
final class EventBlocks extends InputStream {

    private final Source source;
    private byte[] block;
    private int at;

    /** Where blocks come from. */
    interface Source {
        /** {@return the next block, null at the end} */
        @Nullable String next() throws IOException;
    }

    /**
     * Begins.
     *
     * @param first the first block
     */
    EventBlocks(String first, Source source) {
        this.source = source;
        this.block = first.getBytes(StandardCharsets.UTF_8);
    }

    /** {@return the block of an event} */
    static String event(@Nullable String type, String data, String id) {
        return (type == null ? "" : "event: %s\n".formatted(type)) + data(data) + id(id);
    }

    /** {@return the block that tells of a gap} */
    static String gap(
            String topic, String reason, @Nullable String after, String before, String id) {
        String data =
                "{\"topic\":%s,\"reason\":\"%s\",\"after\":%s,\"before\":\"%s\"}"
                        .formatted(
                                quoted(topic),
                                reason,
                                after == null ? "null" : quoted(after),
                                before);
        return event("gap", data, id);
    }

    /** {@return the block that only says where the stream stands} */
    static String id(String id) {
        return id.isEmpty() ? "\n" : "id: %s\n\n".formatted(id);
    }

    private static String data(String data) {
        var lines = new StringBuilder();
        for (String line : data.split("\r\n|\r|\n", -1)) {
            lines.append("data: ").append(line).append('\n');
        }
        return lines.toString();
    }

    private static String quoted(String text) {
        return '"' + text.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
    }

    private boolean hasNext() throws IOException {
        while (at == block.length) {
            String next = source.next();
            if (next == null) {
                return false;
            }
            block = next.getBytes(StandardCharsets.UTF_8);
            at = 0;
        }
        return true;
    }

    @Override
    public int read() throws IOException {
        return hasNext() ? block[at++] & 0xff : -1;
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
        if (!hasNext()) {
            return -1;
        }
        int count = Math.min(length, block.length - at);
        System.arraycopy(block, at, bytes, offset, count);
        at += count;
        return count;
    }
}
