package dev.longwave.broker.postgres;

import dev.longwave.broker.EphemeralMessage;
import dev.longwave.broker.Message;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/**
 * Takes ephemeral messages apart into payloads of notifications, and puts them together again. A
 * payload is {@code ~id index count base64}; those of {@link Announcement} begin with a digit.
 */
final class EphemeralParts {
    /*
     * The parts of a message are sent in one transaction, and the server delivers the notifications of a
     * transaction together and in order. So a receiver needs room for one message. What does not continue it
     * is of another application, or follows a loss: the incomplete message is dropped.
     */
    private static final int PART_CHARS = 7_800; // the server accepts payloads of 7,999 bytes
    private static final char MARK = '~';
    private static final int RADIX = 36;
    private static final int HEADER_BYTES = 16 << 10; // more than topic, type, key, and attributes

    private final int maxParts;
    private final StringBuilder text = new StringBuilder();
    private String id = "";
    private int next;

    /** A message, and the topic that it was published to. */
    record Received(String topic, EphemeralMessage message) {}

    /**
     * @param maxMessageBytes the length of the longest message
     */
    EphemeralParts(int maxMessageBytes) {
        maxParts = (int) ((maxMessageBytes + (long) HEADER_BYTES) * 4 / 3 / PART_CHARS) + 1;
    }

    static boolean isOne(String payload) {
        return !payload.isEmpty() && payload.charAt(0) == MARK;
    }

    /** {@return the payloads that carry {@code message}} */
    static List<String> payloads(String topic, EphemeralMessage message) {
        String whole = Base64.getEncoder().encodeToString(bytes(topic, message.message()));
        String name = Long.toUnsignedString(ThreadLocalRandom.current().nextLong(), RADIX);
        int count = (whole.length() + PART_CHARS - 1) / PART_CHARS;
        var payloads = new ArrayList<String>(count);
        for (int i = 0; i < count; i++) {
            int begin = i * PART_CHARS;
            String part = whole.substring(begin, Math.min(whole.length(), begin + PART_CHARS));
            payloads.add("%c%s %d %d %s".formatted(MARK, name, i, count, part));
        }
        return payloads;
    }

    /** {@return the message that {@code payload} completes} For one thread. */
    Optional<Received> add(String payload) {
        String[] words = payload.substring(1).split(" ", 4);
        try {
            if (words.length != 4 || !continues(words[0], Integer.parseInt(words[1]))) {
                clear();
                return Optional.empty();
            }
            int count = Integer.parseInt(words[2]);
            if (count > maxParts) {
                clear();
                return Optional.empty();
            }
            text.append(words[3]);
            next++;
            if (next < count) {
                return Optional.empty();
            }
            byte[] whole = Base64.getDecoder().decode(text.toString());
            clear();
            return Optional.of(received(whole));
        } catch (IllegalArgumentException | IOException _) { // any role may send notifications
            clear();
            return Optional.empty();
        }
    }

    private boolean continues(String name, int index) {
        if (index == 0) {
            clear();
            id = name;
        }
        return index == next && name.equals(id);
    }

    private void clear() {
        text.setLength(0);
        text.trimToSize();
        id = "";
        next = 0;
    }

    private static byte[] bytes(String topic, Message message) {
        var bytes = new ByteArrayOutputStream();
        byte[] attributes = message.attributes().encode();
        try (var out = new DataOutputStream(bytes)) {
            out.writeUTF(topic);
            writeNullable(out, message.type());
            writeNullable(out, message.key());
            out.writeInt(attributes.length);
            out.write(attributes);
            out.write(message.data());
        } catch (IOException e) {
            throw new UncheckedIOException(e); // there is nothing to fail
        }
        return bytes.toByteArray();
    }

    private static Received received(byte[] bytes) throws IOException {
        var in = new DataInputStream(new ByteArrayInputStream(bytes));
        String topic = in.readUTF();
        String type = readNullable(in);
        String key = readNullable(in);
        int length = in.readInt();
        if (length < 0 || length > in.available()) {
            throw new IOException("attributes are truncated");
        }
        byte[] attributes = in.readNBytes(length);
        Message message =
                Message.builder(in.readAllBytes())
                        .type(type)
                        .key(key)
                        .encodedAttributes(attributes)
                        .buildFromLog();
        return new Received(topic, EphemeralMessage.of(message));
    }

    private static void writeNullable(DataOutputStream out, @Nullable String value)
            throws IOException {
        out.writeUTF(value == null ? "" : value); // one that is set is not empty
    }

    private static @Nullable String readNullable(DataInputStream in) throws IOException {
        String value = in.readUTF();
        return value.isEmpty() ? null : value;
    }
}
