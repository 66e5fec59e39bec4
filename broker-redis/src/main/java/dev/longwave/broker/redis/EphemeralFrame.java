package dev.longwave.broker.redis;

import dev.longwave.broker.EphemeralMessage;
import dev.longwave.broker.Message;
import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * An ephemeral message on a topic's channel: {@code * length\n}, header with attributes, data. A
 * {@link LiveMessage} begins with an epoch instead of the star.
 */
final class EphemeralFrame {

    private static final int LONGEST_LINE = 16;

    private EphemeralFrame() {}

    static boolean isOne(byte[] bytes) {
        return bytes.length > 0 && bytes[0] == '*';
    }

    static byte[] of(EphemeralMessage ephemeral) {
        Message message = ephemeral.message();
        byte[] header = Header.of(message);
        byte[] attributes = message.attributes().encode();
        byte[] line = Keys.bytes("* " + (header.length + attributes.length) + '\n');
        return ByteBuffer.allocate(
                        line.length + header.length + attributes.length + message.data().length)
                .put(line)
                .put(header)
                .put(attributes)
                .put(message.data())
                .array();
    }

    /**
     * {@return the message in {@code bytes}}
     *
     * @throws IllegalArgumentException if {@link #of} cannot have made them
     */
    static EphemeralMessage parse(byte[] bytes) {
        int line = 0;
        while (line < bytes.length && line < LONGEST_LINE && bytes[line] != '\n') {
            line++;
        }
        String words = EntryIds.text(Arrays.copyOf(bytes, line));
        if (line == bytes.length || !words.startsWith("* ")) {
            throw new IllegalArgumentException("not an ephemeral message length=" + bytes.length);
        }
        int data = line + 1 + Integer.parseInt(words.substring(2));
        if (data <= line || data > bytes.length) {
            throw new IllegalArgumentException(
                    "an ephemeral message is truncated length=" + bytes.length);
        }
        return EphemeralMessage.of(
                Header.message(
                        Arrays.copyOfRange(bytes, line + 1, data),
                        Arrays.copyOfRange(bytes, data, bytes.length)));
    }
}
