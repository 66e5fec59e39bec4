package dev.longwave.broker.redis;

import dev.longwave.broker.Message;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** The binary form of a message's fields other than its data. Empty if only the data is set. */
final class Header {
    /*
     * One byte of flags, followed by those of id, type and key that are set, each as two bytes of
     * length and the text in UTF-8.
     */
    private static final int END = 1;
    private static final int ID = 2;
    private static final int TYPE = 4;
    private static final int KEY = 8;
    private static final byte[] NONE = {};

    private Header() {}

    static byte[] of(Message message) {
        int flags =
                (message.end() ? END : 0)
                        | (message.id() == null ? 0 : ID)
                        | (message.type() == null ? 0 : TYPE)
                        | (message.key() == null ? 0 : KEY);
        if (flags == 0) {
            return NONE;
        }
        byte[] id = utf8(message.id());
        byte[] type = utf8(message.type());
        byte[] key = utf8(message.key());
        var bytes = ByteBuffer.allocate(1 + 3 * Short.BYTES + id.length + type.length + key.length);
        bytes.put((byte) flags);
        put(bytes, id);
        put(bytes, type);
        put(bytes, key);
        return Arrays.copyOf(bytes.array(), bytes.position());
    }

    /**
     * {@return the message with this header and this data}
     *
     * @throws IllegalArgumentException if {@link #of} cannot have made the header
     */
    static Message message(byte[] header, byte[] data) {
        if (header.length == 0) {
            return Message.of(data);
        }
        try {
            var bytes = ByteBuffer.wrap(header);
            int flags = bytes.get();
            return new Message(
                    take(bytes, flags, ID),
                    take(bytes, flags, TYPE),
                    take(bytes, flags, KEY),
                    data,
                    (flags & END) != 0);
        } catch (RuntimeException e) {
            throw new IllegalArgumentException(
                    "not a header of Longwave length=" + header.length, e);
        }
    }

    private static void put(ByteBuffer bytes, byte[] field) {
        if (field.length > 0) { // a field that is set is not empty
            bytes.putShort((short) field.length).put(field);
        }
    }

    private static @Nullable String take(ByteBuffer bytes, int flags, int flag) {
        if ((flags & flag) == 0) {
            return null;
        }
        var field = new byte[Short.toUnsignedInt(bytes.getShort())];
        bytes.get(field);
        return new String(field, StandardCharsets.UTF_8);
    }

    private static byte[] utf8(@Nullable String text) {
        return text == null ? NONE : text.getBytes(StandardCharsets.UTF_8);
    }
}
