package dev.longwave.cli;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * Parses an event stream as the WHATWG HTML standard, section 9.2.6, defines it, plus the fields
 * {@code topic}, {@code time}, and {@code encoding}, which the standard does not know. Bytes may
 * arrive in pieces of any size. One parser reads one stream; for one thread.
 *
 * <p>An event that is cut off before its blank line is ignored, and so is its ID.
 *
 * <p>This is the product's only parser. The test kit {@code longwave-testing} has another one on
 * purpose: with a shared parser, a misreading of the standard would go unnoticed by the tests.
 */
final class EventStreamParser {
    /*
     * A line is collected as bytes and decoded when it is complete: in UTF-8, no other character
     * contains the bytes CR or LF, so a character split over two pieces needs no special care. An LF
     * right after a CR belongs to the same line break, even if it arrives in the next piece. The CR
     * alone ends the line, so that an event never waits for a byte that may not come.
     */

    static final int MAX_EVENT_BYTES = 16 << 20;

    private static final int MAX_RETRY_DIGITS = 9;
    private static final char BYTE_ORDER_MARK = '\uFEFF';

    private final StringBuilder data = new StringBuilder();
    private byte[] line = new byte[256];
    private int length;
    private boolean first = true;
    private boolean afterCarriageReturn;
    private String type = "";
    private String topic = "";
    private String time = "";
    private String encoding = "";
    private String id;
    private String lastEventId;
    private Optional<Duration> retry = Optional.empty();

    /** An event is longer than any that a Longwave server sends. */
    static final class EventTooLongException extends IOException {
        private static final long serialVersionUID = 1L;

        EventTooLongException() {
            super("an event is too long max=" + MAX_EVENT_BYTES);
        }
    }

    /** A parser for a stream that continues after {@code lastEventId}, which is empty for none. */
    EventStreamParser(String lastEventId) {
        this.id = lastEventId;
        this.lastEventId = lastEventId;
    }

    /** {@return the events that these bytes complete, in order} */
    List<ServerSentEvent> parse(ByteBuffer bytes) throws EventTooLongException {
        var events = new ArrayList<ServerSentEvent>();
        while (bytes.hasRemaining()) {
            byte next = bytes.get();
            boolean lineEndedAlready = next == '\n' && afterCarriageReturn;
            afterCarriageReturn = next == '\r';
            if (lineEndedAlready) {
                continue;
            }
            if (next == '\n' || next == '\r') {
                endLine(events);
            } else {
                append(next);
            }
        }
        return events;
    }

    /** {@return the ID to reconnect with: that of the last complete block that had one} */
    String lastEventId() {
        return lastEventId;
    }

    /** {@return the reconnection delay that the server asked for, if it did} */
    Optional<Duration> retry() {
        return retry;
    }

    private void append(byte next) throws EventTooLongException {
        if (length + data.length() >= MAX_EVENT_BYTES) {
            throw new EventTooLongException();
        }
        if (length == line.length) {
            line = Arrays.copyOf(line, 2 * length);
        }
        line[length++] = next;
    }

    private void endLine(List<ServerSentEvent> events) {
        String text = new String(line, 0, length, StandardCharsets.UTF_8);
        length = 0;
        if (first && !text.isEmpty() && text.charAt(0) == BYTE_ORDER_MARK) {
            text = text.substring(1);
        }
        first = false;
        if (text.isEmpty()) {
            endBlock(events);
            return;
        }
        int colon = text.indexOf(':');
        if (colon < 0) {
            field(text, "");
        } else {
            int value = text.startsWith(" ", colon + 1) ? colon + 2 : colon + 1;
            field(text.substring(0, colon), text.substring(value));
        }
    }

    /** A comment is a field without a name, which is ignored like any other unknown field. */
    private void field(String name, String value) {
        switch (name) {
            case "event" -> type = value;
            case "topic" -> topic = value;
            case "time" -> time = value;
            case "encoding" -> encoding = value;
            case "data" -> data.append(value).append('\n');
            case "id" -> {
                if (value.indexOf('\0') < 0) {
                    id = value;
                }
            }
            case "retry" -> {
                if (isRetry(value)) {
                    retry = Optional.of(Duration.ofMillis(Long.parseLong(value)));
                }
            }
            default -> {}
        }
    }

    private void endBlock(List<ServerSentEvent> events) {
        lastEventId = id;
        if (!data.isEmpty()) {
            data.setLength(data.length() - 1);
            events.add(
                    new ServerSentEvent(lastEventId, type, topic, time, encoding, data.toString()));
            data.setLength(0);
        }
        type = "";
        topic = "";
        time = "";
        encoding = "";
    }

    private static boolean isRetry(String value) {
        return !value.isEmpty()
                && value.length() <= MAX_RETRY_DIGITS
                && value.chars().allMatch(c -> c >= '0' && c <= '9');
    }
}
