package dev.longwave.core;

import dev.longwave.broker.Entry;
import java.nio.charset.StandardCharsets;
import java.util.Objects;

/** A format for tests: an event is a line with its data, a gap is {@code gap:reason}. */
final class LineFormat implements Format<LineFormat.LineFrame> {

    static final LineFormat LINES = new LineFormat();

    static final class LineFrame extends Frame {
        final byte[] bytes;

        LineFrame(Format<?> format, byte[] bytes) {
            super(format);
            this.bytes = bytes;
        }
    }

    @Override
    public LineFrame encode(Event event) {
        String line =
                event.gap() != null
                        ? "gap:" + event.gap().reason().word()
                        : new String(entry(event).message().data(), StandardCharsets.UTF_8);
        return new LineFrame(this, (line + '\n').getBytes(StandardCharsets.UTF_8));
    }

    private static Entry entry(Event event) {
        return Objects.requireNonNull(event.entry());
    }
}
