package com.example.longwave.files;

import dev.longwave.broker.Entry;
import dev.longwave.broker.Message;
import dev.longwave.broker.Position;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.zip.CRC32;
import org.jspecify.annotations.Nullable;

/** How an entry looks in a file: a head, and a body of time, end, id, type, key,
 * attributes, data. */
final class Records {
    /*
     * The head is the body's length, the same with every bit turned, and the body's checksum. So a
     * length that was damaged is told from a body that was not written to its end.
     */
    static final int HEAD = 12;

    private Records() {}

    static ByteBuffer encode(long time, Message message) {
        byte[] id = bytes(message.id());
        byte[] type = bytes(message.type());
        byte[] key = bytes(message.key());
        byte[] attributes = message.attributes().encode();
        int texts = id.length + type.length + key.length + attributes.length;
        int length = 8 + 1 + 4 * 2 + texts + message.data().length;
        ByteBuffer record = ByteBuffer.allocate(HEAD + length);
        record.putInt(length).putInt(~length).putInt(0);
        record.putLong(time).put((byte) (message.end() ? 1 : 0));
        for (byte[] text : new byte[][] {id, type, key, attributes}) {
            record.putShort((short) text.length).put(text);
        }
        record.put(message.data()).flip();
        return record.putInt(8, checksum(record.slice(HEAD, length)));
    }

    static Entry decode(Position position, ByteBuffer body) {
        Instant time = Instant.ofEpochMilli(body.getLong());
        boolean end = body.get() == 1;
        @Nullable String id = text(body);
        @Nullable String type = text(body);
        @Nullable String key = text(body);
        byte[] attributes = take(body, body.getShort());
        byte[] data = take(body, body.remaining());
        Message message =
                Message.builder(data)
                        .id(id)
                        .type(type)
                        .key(key)
                        .encodedAttributes(attributes)
                        .end(end)
                        .buildFromLog();
        return Entry.of(position, time, message);
    }

    static int checksum(ByteBuffer body) {
        var checksum = new CRC32();
        checksum.update(body.duplicate());
        return (int) checksum.getValue();
    }

    private static byte[] bytes(@Nullable String text) {
        return text == null ? new byte[0] : text.getBytes(StandardCharsets.UTF_8);
    }

    private static @Nullable String text(ByteBuffer body) {
        byte[] text = take(body, body.getShort());
        return text.length == 0 ? null : new String(text, StandardCharsets.UTF_8);
    }

    private static byte[] take(ByteBuffer body, int length) {
        byte[] bytes = new byte[length];
        body.get(bytes);
        return bytes;
    }
}
