package dev.longwave.broker.redis;

import dev.longwave.broker.Position;

/** Word on a topic's channel that it was deleted: {@code ! epoch id}. */
final class DeletionFrame {

    private static final int LONGEST = 128;

    private DeletionFrame() {}

    static boolean isOne(byte[] bytes) {
        return bytes.length > 0 && bytes[0] == '!';
    }

    /**
     * {@return the last position that was deleted}
     *
     * @throws IllegalArgumentException if {@code delete.lua} cannot have made it
     */
    static Position parse(byte[] bytes) {
        String[] words =
                bytes.length > LONGEST ? new String[0] : EntryIds.text(bytes).split(" ", -1);
        if (words.length != 3) {
            throw new IllegalArgumentException("not word of a deletion length=" + bytes.length);
        }
        return EntryIds.position(EntryIds.epoch(words[1]), words[2]);
    }
}
