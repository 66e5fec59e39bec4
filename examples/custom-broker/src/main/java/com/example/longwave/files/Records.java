package com.example.longwave.files;

import dev.longwave.broker.Entry;
import dev.longwave.broker.Message;
import dev.longwave.broker.Position;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.zip.CRC32;
import org.jspecify.annotations.Nullable;

/** How an entry looks in a file: length, checksum, time, end, id, type, key, data. */
final class Records {
    private Records() {}

    static ByteBuffer encode(long time, Message message) {
        byte[] id = bytes(message.id());
        byte[] type = bytes(message.type());
        byte[] key = bytes(message.key());
        int length = 8 + 1 + 3 * 2 + id.length + type.length + key.length + message.data().length;
        ByteBuffer record = ByteBuffer.allocate(8 + length).putInt(length).putInt(0).putLong(time);
        record.put((byte) (message.end() ? 1 : 0));
        for (byte[] text : new byte[][] {id, type, key}) {
            record.putShort((short) text.length).put(text);
        }
        record.put(message.data()).flip();
        return record.putInt(4, checksum(record.slice(8, length)));
    }

    static Entry decode(Position position, ByteBuffer record) {
        Instant time = Instant.ofEpochMilli(record.getLong());
        boolean end = record.get() == 1;
        @Nullable String id = text(record);
        @Nullable String type = text(record);
        @Nullable String key = text(record);
        byte[] data = new byte[record.remaining()];
        record.get(data);
        return new Entry(position, time, new Message(id, type, key, data, end));
    }

    static int checksum(ByteBuffer record) {
        var checksum = new CRC32();
        checksum.update(record.duplicate());
        return (int) checksum.getValue();
    }

    private static byte[] bytes(@Nullable String text) {
        return text == null ? new byte[0] : text.getBytes(StandardCharsets.UTF_8);
    }

    private static @Nullable String text(ByteBuffer record) {
        byte[] text = new byte[record.getShort()];
        record.get(text);
        return text.length == 0 ? null : new String(text, StandardCharsets.UTF_8);
    }
}
