package dev.longwave.server.auth;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.util.Objects;
import java.util.function.Function;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * What a file holds, read again when it changes. A file that cannot be read any more, or is wrong,
 * changes nothing: what it held before still counts, and a warning says so. Safe for many threads.
 *
 * @param <T> what is made of the file
 */
final class WatchedFile<T> {
    /*
     * There is no watching thread. A caller checks the file's attributes if the last check was a second ago or more.
     * Editors and deployments replace a file by one with another inode, size, or modification time.
     */
    private static final Duration LOOK = Duration.ofSeconds(1);
    private static final System.Logger LOGGER = System.getLogger(WatchedFile.class.getName());

    private final Path file;
    private final Function<Path, T> reading;
    private final LongSupplier nanoTime;
    private final Runnable changed;
    private volatile Content<T> content;
    private volatile long lookedNanos;

    private record Content<T>(T value, @Nullable Stamp stamp) {}

    private record Stamp(FileTime modified, long size, @Nullable Object inode) {

        static @Nullable Stamp of(Path file) {
            try {
                var attributes = Files.readAttributes(file, BasicFileAttributes.class);
                return new Stamp(
                        attributes.lastModifiedTime(), attributes.size(), attributes.fileKey());
            } catch (IOException _) {
                return null;
            }
        }
    }

    /**
     * Reads {@code file} a first time.
     *
     * @param reading makes something of it; what it throws now is thrown here
     * @param changed is run when the file holds something else; must not block
     */
    WatchedFile(Path file, Function<Path, T> reading, LongSupplier nanoTime, Runnable changed) {
        this.file = file;
        this.reading = reading;
        this.nanoTime = nanoTime;
        this.changed = changed;
        @Nullable Stamp stamp = Stamp.of(file); // before it is read, so that no change is missed
        this.content = new Content<>(reading.apply(file), stamp);
        this.lookedNanos = nanoTime.getAsLong();
    }

    /** {@return what the file holds, or held when it last made sense} */
    T value() {
        long now = nanoTime.getAsLong();
        if (now - lookedNanos >= LOOK.toNanos()) {
            if (look(now)) {
                changed.run();
            }
        }
        return content.value();
    }

    /**
     * Reads the file at once.
     *
     * @return makes what was read the value
     * @throws RuntimeException what {@code reading} throws, if the file is not valid; nothing has
     *     changed then
     */
    Runnable prepare() {
        @Nullable Stamp stamp = Stamp.of(file);
        T value = reading.apply(file);
        return () -> replace(new Content<>(value, stamp));
    }

    private synchronized void replace(Content<T> next) {
        content = next;
    }

    /** Whether the value is another now. */
    private synchronized boolean look(long now) {
        if (now - lookedNanos < LOOK.toNanos()) {
            return false;
        }
        lookedNanos = now;
        @Nullable Stamp stamp = Stamp.of(file);
        Content<T> known = content;
        if (Objects.equals(stamp, known.stamp())) {
            return false;
        }
        try {
            content = new Content<>(reading.apply(file), stamp);
            LOGGER.log(System.Logger.Level.INFO, "read again file={0}", file);
            return true;
        } catch (RuntimeException e) {
            content = new Content<>(known.value(), stamp); // not tried again until it changes
            LOGGER.log(
                    System.Logger.Level.WARNING,
                    "the file has changed and is not valid; its former content still counts"
                            + " file={0} reason={1}",
                    file,
                    e.getMessage());
            return false;
        }
    }
}
