package dev.longwave.testing;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;

/**
 * Interprets one event stream: WHATWG HTML, sections 9.2.5 and 9.2.6. Confined to one thread.
 *
 * <p>The command line has a parser of its own. This one must stay independent of it: it judges what
 * the server sends, and with a shared parser a misreading of the standard would go unnoticed.
 */
final class EventStreamParser {
    /*
     * Works on bytes, so that a stream may be cut anywhere, even inside a character. Lines can be found before
     * decoding: a byte 0x0A or 0x0D is never part of a longer UTF-8 sequence, and ends a broken one. CR ends
     * its line at once; an LF right after it belongs to the same line break and is dropped.
     *
     * All buffers begin empty with each stream, including the last event ID buffer. So a block that ends
     * before the first `id:` of a reconnected stream clears the source's last event ID.
     */

    /** The event source that the stream belongs to. */
    interface Source {
        /** The last event ID string changes to {@code id}, or stays what it was. */
        void lastEventId(String id);

        void event(String type, String data);

        void reconnectionTime(Duration time);
    }

    private static final byte[] BYTE_ORDER_MARK = {(byte) 0xEF, (byte) 0xBB, (byte) 0xBF};

    private final Source source;
    private final ByteArrayOutputStream line = new ByteArrayOutputStream();
    private final StringBuilder data = new StringBuilder();
    private String type = "";
    private String lastEventId = "";
    private boolean firstLine = true;
    private boolean afterCarriageReturn;

    EventStreamParser(Source source) {
        this.source = source;
    }

    /**
     * Takes the next bytes of the stream. An incomplete event at the end of the stream is dropped.
     */
    void accept(byte[] bytes, int offset, int length) {
        for (int i = offset; i < offset + length; i++) {
            byte b = bytes[i];
            boolean secondHalf = b == '\n' && afterCarriageReturn;
            afterCarriageReturn = b == '\r';
            if (secondHalf) {
                continue;
            }
            if (b == '\n' || b == '\r') {
                endLine();
            } else {
                line.write(b);
            }
        }
    }

    private void endLine() {
        byte[] bytes = line.toByteArray();
        line.reset();
        boolean marked =
                firstLine
                        && bytes.length >= BYTE_ORDER_MARK.length
                        && Arrays.equals(bytes, 0, 3, BYTE_ORDER_MARK, 0, 3);
        firstLine = false;
        int start = marked ? BYTE_ORDER_MARK.length : 0;
        interpret(new String(bytes, start, bytes.length - start, StandardCharsets.UTF_8));
    }

    private void interpret(String text) {
        if (text.isEmpty()) {
            dispatch();
            return;
        }
        int colon = text.indexOf(':');
        if (colon < 0) {
            field(text, "");
        } else if (colon > 0) {
            int value = text.startsWith(" ", colon + 1) ? colon + 2 : colon + 1;
            field(text.substring(0, colon), text.substring(value));
        }
    }

    private void field(String name, String value) {
        switch (name) {
            case "event" -> type = value;
            case "data" -> data.append(value).append('\n');
            case "id" -> {
                if (value.indexOf('\0') < 0) {
                    lastEventId = value;
                }
            }
            case "retry" -> {
                // Nine digits are eleven days, and fit an int.
                if (value.matches("[0-9]{1,9}")) {
                    source.reconnectionTime(Duration.ofMillis(Integer.parseInt(value)));
                }
            }
            default -> {
                // "The field is ignored."
            }
        }
    }

    private void dispatch() {
        source.lastEventId(lastEventId);
        if (!data.isEmpty()) {
            data.setLength(data.length() - 1);
            source.event(type.isEmpty() ? "message" : type, data.toString());
        }
        data.setLength(0);
        type = "";
    }
}
