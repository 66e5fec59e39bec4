package dev.longwave.broker.redis;

import dev.longwave.broker.Message;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** The binary form of a message's id, type, key, and end mark. Empty if none of them is set. */
final class Header {
    /*
     * One byte of flags, followed by those of id, type and key that are set, each as two bytes of
     * length and the text in UTF-8. A header says where it ends, so that attributes may follow it
     * in a live message.
     */
    private static final int END = 1;
    private static final int ID = 2;
    private static final int TYPE = 4;
    private static final int KEY = 8;
    private static final byte[] NONE = {};

    private Header() {}

    /** {@return the header of a message, which is empty only if it has no attributes either} */
    static byte[] of(Message message) {
        int flags =
                (message.end() ? END : 0)
                        | (message.id() == null ? 0 : ID)
                        | (message.type() == null ? 0 : TYPE)
                        | (message.key() == null ? 0 : KEY);
        if (flags == 0 && message.attributes().isEmpty()) {
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
     * {@return the message with this header and this data} Others may write to the server, so this
     * accepts anything, and leaves out what breaks a rule: see {@link
     * Message.Builder#buildFromLog()}.
     *
     * @param header the header, and the attributes in their encoded form, if there are any
     */
    static Message message(byte[] header, byte[] data) {
        var message = Message.builder(data);
        if (header.length > 0) {
            try {
                var bytes = ByteBuffer.wrap(header);
                int flags = bytes.get();
                message.id(take(bytes, flags, ID))
                        .type(take(bytes, flags, TYPE))
                        .key(take(bytes, flags, KEY))
                        .end((flags & END) != 0);
                message.encodedAttributes(
                        Arrays.copyOfRange(header, bytes.position(), header.length));
            } catch (BufferUnderflowException _) {
                return Message.builder(data).buildFromLog();
            }
        }
        return message.buildFromLog();
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
        int length = Short.toUnsignedInt(bytes.getShort());
        if (length > bytes.remaining()) {
            throw new BufferUnderflowException();
        }
        var field = new byte[length];
        bytes.get(field);
        return new String(field, StandardCharsets.UTF_8);
    }

    private static byte[] utf8(@Nullable String text) {
        return text == null ? NONE : text.getBytes(StandardCharsets.UTF_8);
    }
}
