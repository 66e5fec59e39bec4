package dev.longwave.broker.redis;

import dev.longwave.broker.Entry;
import dev.longwave.broker.Position;
import dev.longwave.broker.feed.ForeignEntries;
import java.time.Instant;
import java.util.Arrays;

/**
 * A message as {@code publish.lua} publishes it: {@code epoch previous id length\n}, header with
 * attributes, data.
 */
record LiveMessage(Position previous, Entry entry) {

    private static final int LONGEST_LINE = 128;

    /**
     * {@return the message in {@code bytes}}
     *
     * @param foreign checks the entry
     * @throws IllegalArgumentException if the script cannot have published them
     */
    static LiveMessage parse(byte[] bytes, ForeignEntries foreign) {
        int line = 0;
        while (line < bytes.length && line < LONGEST_LINE && bytes[line] != '\n') {
            line++;
        }
        String[] words = EntryIds.text(Arrays.copyOf(bytes, line)).split(" ", -1);
        if (line == bytes.length || words.length != 4) {
            throw new IllegalArgumentException("not a live message length=" + bytes.length);
        }
        long epoch = EntryIds.epoch(words[0]);
        int data = line + 1 + Integer.parseInt(words[3]);
        if (data <= line || data > bytes.length) {
            throw new IllegalArgumentException(
                    "a live message is truncated length=" + bytes.length);
        }
        return new LiveMessage(
                EntryIds.position(epoch, words[1]),
                entry(
                        EntryIds.position(epoch, words[2]),
                        Arrays.copyOfRange(bytes, line + 1, data),
                        Arrays.copyOfRange(bytes, data, bytes.length),
                        foreign));
    }

    /**
     * {@return the entry at {@code position}, which includes its time}
     *
     * @param header the header and the attributes: see {@link Header#message}
     * @param foreign checks the entry
     */
    static Entry entry(Position position, byte[] header, byte[] data, ForeignEntries foreign) {
        return foreign.entry(
                position,
                Instant.ofEpochMilli(position.major()),
                Header.message(header, data),
                null);
    }
}
