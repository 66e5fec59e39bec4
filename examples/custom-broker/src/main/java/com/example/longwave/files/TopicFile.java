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
import java.io.EOFException;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The log of one topic, and where in it each entry is. Safe for many threads. */
final class TopicFile {
    /*
     * The file is records, one after the other; the n-th is at position n. None is ever changed or
     * taken away.
     *
     * Only the holder of the directory's lock writes. Readers take no lock: a record counts once it
     * is there in full. What a killed writer left behind does not count, and the next writer cuts
     * it off. That can only be at the end: anything else that is no record is damage. A reader that
     * sees damage may have seen two moments of a file that was being written, so it looks again
     * under the lock, before it says so.
     *
     * The directory's lock is taken before this object's, never the other way round.
     */
    private static final Logger LOGGER = System.getLogger(TopicFile.class.getName());
    private static final int REMEMBERED_IDS = 1_000;

    private final Directory directory;
    private final Path file;
    private final boolean flush;
    private final InstantSource clock;

    // Guarded by this, as is the rest: what was read so far.
    private long[] offsets = new long[16]; // of the first `count` records
    private int count;
    private long end; // of the last of them
    private long newest = Long.MIN_VALUE;
    private boolean toldOfDamage;
    private final Map<String, Position> ids =
            new LinkedHashMap<>() {
                @Override
                protected boolean removeEldestEntry(Map.Entry<String, Position> eldest) {
                    return size() > REMEMBERED_IDS;
                }
            };

    TopicFile(Directory directory, Path file, boolean flush, InstantSource clock) {
        this.directory = directory;
        this.file = file;
        this.flush = flush;
        this.clock = clock;
    }

    Published append(Message message) throws IOException {
        return directory.locked(() -> appendLocked(message));
    }

    Tail tail() throws IOException {
        refresh();
        synchronized (this) {
            return count == 0 ? Tail.empty(position(0)) : Tail.at(position(count));
        }
    }

    Page read(Start start, @Nullable Position until, int maxEntries, int maxBytes)
            throws IOException {
        refresh();
        return page(start, until, maxEntries, maxBytes);
    }

    private synchronized Page page(
            Start start, @Nullable Position until, int maxEntries, int maxBytes)
            throws IOException {
        Position tail = position(count);
        boolean bounded = until != null && until.sameEpoch(tail);
        int bound = bounded ? (int) Math.min(until.major(), count) : count;
        var coverage = Coverage.COMPLETE;
        int first = 0; // how many entries are left out
        switch (start) {
            case Start.Earliest _ -> {}
            case Start.Last last -> first = Math.clamp(count - last.count(), 0, bound);
            case Start.Since since -> first = Math.min(before(since.time()), bound);
            case Start.After after -> {
                Position cursor = after.position();
                if (!cursor.sameEpoch(tail)) {
                    coverage = Coverage.OTHER_EPOCH;
                } else if (cursor.isAfter(tail)) {
                    coverage = Coverage.AHEAD_OF_LOG;
                    first = count;
                } else {
                    first = (int) cursor.major();
                }
            }
            default -> throw start.unsupported();
        }
        var page = new ArrayList<Entry>();
        long bytes = 0;
        for (int i = first; i < bound; i++) {
            Entry entry = entry(i);
            bytes += entry.message().size();
            if (page.size() == maxEntries || (bytes > maxBytes && !page.isEmpty())) {
                return Page.of(page, coverage, position(first), true);
            }
            page.add(entry);
        }
        return Page.of(page, coverage, position(first), false);
    }

    /** {@return how many entries were accepted before {@code time}; the times never go back} */
    private int before(Instant time) throws IOException {
        int low = 0;
        int high = count;
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (entry(middle).time().isBefore(time)) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low;
    }

    private synchronized Published appendLocked(Message message) throws IOException {
        catchUpOrFail();
        Position first = message.id() == null ? null : ids.get(message.id());
        try (FileChannel channel = Directory.open(file)) {
            if (first == null) {
                if (flush && end == 0) {
                    directory.flush(); // it is a new file
                }
                channel.truncate(end); // what a killed writer left behind
                ByteBuffer record = Records.encode(Math.max(clock.millis(), newest), message);
                while (record.hasRemaining()) {
                    channel.write(record, end + record.position());
                }
            }
            if (flush) {
                channel.force(false); // even a duplicate: who wrote it may have been killed here
            }
        }
        catchUpOrFail();
        var durability = flush ? Durability.FLUSHED : Durability.STORED;
        return first == null
                ? Published.of(position(count), durability)
                : Published.duplicate(first, durability);
    }

    /** Takes in what was added. Not to be called with this object's lock. */
    private void refresh() throws IOException {
        if (!catchUp()) {
            directory.locked(this::catchUpOrFail);
        }
    }

    private synchronized int catchUpOrFail() throws IOException {
        if (!catchUp()) {
            throw damage(end);
        }
        return count;
    }

    /** Logs the damage once; the caller only learns that there is no answer. */
    private IOException damage(long offset) {
        String what = "damaged file=%s offset=%d".formatted(file, offset);
        if (!toldOfDamage) {
            toldOfDamage = true;
            LOGGER.log(Level.ERROR, what);
        }
        return new IOException(what);
    }

    /** {@return whether nothing follows but, at most, a record that was not written to its end} */
    private synchronized boolean catchUp() throws IOException {
        if (!Files.exists(file)) {
            return end == 0;
        }
        try (FileChannel channel = FileChannel.open(file)) {
            long size = channel.size();
            while (end + Records.HEAD <= size) {
                ByteBuffer head = read(channel, end, Records.HEAD);
                int length = head.getInt();
                if (length <= 0 || length != ~head.getInt()) {
                    return false;
                }
                long next = end + Records.HEAD + length;
                if (next > size) {
                    return true;
                }
                ByteBuffer body = read(channel, end + Records.HEAD, length);
                if (Records.checksum(body) != head.getInt()) {
                    return next == size;
                }
                add(body, next);
            }
            return end <= size;
        }
    }

    private void add(ByteBuffer body, long next) {
        Entry entry = Records.decode(position(count + 1), body);
        if (count == offsets.length) {
            offsets = Arrays.copyOf(offsets, 2 * count);
        }
        offsets[count++] = end;
        end = next;
        newest = entry.time().toEpochMilli();
        if (entry.message().id() != null) {
            ids.put(entry.message().id(), entry.position());
        }
    }

    private Entry entry(int index) throws IOException {
        long from = offsets[index];
        long to = index + 1 < count ? offsets[index + 1] : end;
        try (FileChannel channel = FileChannel.open(file)) {
            ByteBuffer record = read(channel, from, (int) (to - from));
            ByteBuffer body = record.position(Records.HEAD).slice();
            if (Records.checksum(body) != record.getInt(Records.HEAD - Integer.BYTES)) {
                throw damage(from);
            }
            return Records.decode(position(index + 1), body);
        }
    }

    private Position position(int number) {
        return new Position(directory.epoch(), number);
    }

    private static ByteBuffer read(FileChannel channel, long at, int length) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(length);
        while (bytes.hasRemaining()) {
            if (channel.read(bytes, at + bytes.position()) < 0) {
                throw new EOFException("the file became shorter");
            }
        }
        return bytes.flip();
    }
}
