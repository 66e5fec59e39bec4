package com.example.longwave.files;

import dev.longwave.broker.Coverage;
import dev.longwave.broker.Durability;
import dev.longwave.broker.Entry;
import dev.longwave.broker.Message;
import dev.longwave.broker.Page;
import dev.longwave.broker.Position;
import dev.longwave.broker.Published;
import dev.longwave.broker.Start;
import dev.longwave.broker.feed.Tail;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The log of one topic, and what this node has read of it. Safe for many threads. */
final class TopicFile {
    /*
     * The file: a header, then records. The header says how many entries were trimmed and when the
     * newest of these was accepted; a record is its length, its checksum, and an entry. Entries are
     * numbered from 1, so that the n-th record is number trimmed + n.
     *
     * Only the holder of the directory's lock writes. Readers take no lock: a record counts once it
     * is there in full, and nothing that counted is ever changed. What a killed writer left behind
     * does not count, and the next writer cuts it off. Trimming puts a new file in the place of the
     * old one; it has trimmed more, by which readers notice, and begin anew.
     */
    private static final int HEADER = 16;
    private static final int RECORD_HEAD = 8;
    private static final int MAX_RECORD = 1 << 20;
    private static final int REMEMBERED_IDS = 10_000;

    private final Directory directory;
    private final Path file;

    // Guarded by this, as is the rest: what was read so far.
    private long trimmed;
    private long newestTrimmed = Long.MIN_VALUE;
    private long end;
    private final List<Entry> entries = new ArrayList<>();
    private final Map<String, Position> ids = new HashMap<>();

    TopicFile(Directory directory, String topic) {
        this.directory = directory;
        this.file = directory.file(topic);
    }

    Published append(Message message) throws IOException {
        return directory.locked(() -> appendLocked(message));
    }

    synchronized Tail tail() throws IOException {
        refresh();
        return entries.isEmpty() ? Tail.empty(position(0)) : Tail.at(position(entries.size()));
    }

    synchronized Page read(Start start, @Nullable Position until, int maxEntries, int maxBytes)
            throws IOException {
        refresh();
        int size = entries.size();
        Position tail = position(size);
        int bound = size;
        if (until != null && until.sameEpoch(tail)) {
            bound = Math.clamp(until.major() - trimmed, 0, size);
        }
        var coverage = Coverage.COMPLETE;
        int first = 0;
        Position from = null;
        switch (start) {
            case Start.Earliest _ -> {}
            case Start.Last(int count) -> first = Math.max(0, size - count);
            case Start.Since(Instant time) -> {
                while (first < size && entries.get(first).time().isBefore(time)) {
                    first++;
                }
                if (trimmed > 0 && time.toEpochMilli() <= newestTrimmed) {
                    coverage = Coverage.TRIMMED;
                }
            }
            case Start.After(Position cursor) -> {
                if (!cursor.sameEpoch(tail)) {
                    coverage = Coverage.OTHER_EPOCH;
                } else if (cursor.isAfter(tail)) {
                    coverage = Coverage.AHEAD_OF_LOG;
                    first = size;
                    from = tail;
                } else if (cursor.major() < trimmed) {
                    coverage = Coverage.TRIMMED;
                } else {
                    first = (int) (cursor.major() - trimmed);
                    from = cursor;
                }
            }
        }
        if (from == null || coverage != Coverage.COMPLETE) {
            first = Math.min(first, bound);
            from = position(first);
            if (until != null && until.sameEpoch(from) && from.isAfter(until)) {
                from = until;
            }
        }
        var page = new ArrayList<Entry>();
        long bytes = 0;
        for (int i = first; i < bound; i++) {
            Entry entry = entries.get(i);
            bytes += entry.message().data().length;
            if (page.size() == maxEntries || (bytes > maxBytes && !page.isEmpty())) {
                return new Page(page, coverage, from, true);
            }
            page.add(entry);
        }
        return new Page(page, coverage, from, false);
    }

    private synchronized Published appendLocked(Message message) throws IOException {
        var durability = directory.flush ? Durability.FLUSHED : Durability.STORED;
        refresh();
        Position first = message.id() == null ? null : ids.get(message.id());
        if (first != null) {
            return new Published(first, durability, true);
        }
        ByteBuffer record = Records.encode(directory.clock.millis(), message);
        try (FileChannel channel = Directory.open(file)) {
            if (end == 0) {
                write(channel, header(0, Long.MIN_VALUE), 0);
                end = HEADER;
            }
            channel.truncate(end); // what a killed writer left behind
            write(channel, record, end);
            if (directory.flush) {
                channel.force(true);
            }
        }
        refresh();
        var published = new Published(position(entries.size()), durability, false);
        if (end > 2 * directory.keepBytes + HEADER) {
            trim();
        }
        return published;
    }

    /** Leaves the newest entries, at least as many bytes as are to be kept. */
    private void trim() throws IOException {
        int from = entries.size();
        long kept = 0;
        while (from > 0 && kept < directory.keepBytes) {
            kept += Records.encode(0, entries.get(--from).message()).remaining();
        }
        if (from == 0) {
            return;
        }
        Path fresh = file.resolveSibling(file.getFileName() + ".new");
        Files.deleteIfExists(fresh);
        try (FileChannel channel = Directory.open(fresh)) {
            long newest = entries.get(from - 1).time().toEpochMilli();
            write(channel, header(trimmed + from, newest), 0);
            for (Entry entry : entries.subList(from, entries.size())) {
                long time = entry.time().toEpochMilli();
                write(channel, Records.encode(time, entry.message()), channel.size());
            }
            channel.force(true);
        }
        Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE);
        refresh();
    }

    /** Reads what was added since the last time. */
    private void refresh() throws IOException {
        if (!Files.exists(file)) {
            forget();
            return;
        }
        try (FileChannel channel = FileChannel.open(file)) {
            ByteBuffer header = read(channel, 0, HEADER);
            if (header.remaining() < HEADER) {
                return; // it is being made
            }
            long nowTrimmed = header.getLong();
            if (nowTrimmed != trimmed || channel.size() < end) {
                forget();
                trimmed = nowTrimmed;
            }
            newestTrimmed = header.getLong();
            end = Math.max(end, HEADER);
            ByteBuffer head = read(channel, end, RECORD_HEAD);
            while (head.remaining() == RECORD_HEAD) {
                int length = head.getInt();
                if (length <= 0 || length > MAX_RECORD) {
                    return;
                }
                ByteBuffer body = read(channel, end + RECORD_HEAD, length);
                if (body.remaining() < length || Records.checksum(body) != head.getInt()) {
                    return;
                }
                add(Records.decode(position(entries.size() + 1), body));
                end += RECORD_HEAD + length;
                head = read(channel, end, RECORD_HEAD);
            }
        }
    }

    private void add(Entry entry) {
        entries.add(entry);
        if (entry.message().id() != null) {
            ids.put(entry.message().id(), entry.position());
        }
        if (entries.size() > REMEMBERED_IDS) {
            Entry old = entries.get(entries.size() - 1 - REMEMBERED_IDS);
            if (old.message().id() != null) {
                ids.remove(old.message().id(), old.position());
            }
        }
    }

    private void forget() {
        trimmed = 0;
        newestTrimmed = Long.MIN_VALUE;
        end = 0;
        entries.clear();
        ids.clear();
    }

    private Position position(int index) {
        return new Position(directory.epoch(), trimmed + index);
    }

    private static ByteBuffer header(long trimmed, long newest) {
        return ByteBuffer.allocate(HEADER).putLong(trimmed).putLong(newest).flip();
    }

    private static void write(FileChannel channel, ByteBuffer bytes, long at) throws IOException {
        long place = at;
        while (bytes.hasRemaining()) {
            place += channel.write(bytes, place);
        }
    }

    private static ByteBuffer read(FileChannel channel, long at, int length) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(length);
        while (bytes.hasRemaining() && channel.read(bytes, at + bytes.position()) > 0) {
            continue;
        }
        return bytes.flip();
    }
}
