package com.example.longwave.files;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;

/** The directory: its epoch, its lock, and where each topic's file is. Safe for many threads. */
final class Directory {
    /*
     * A file lock belongs to the process: it does not keep this process's threads apart, and it is
     * lost as soon as the process closes any channel to that file. So a lock within the
     * process surrounds it, for all directories; only its holder has the lock file open.
     *
     * The epoch is a file that is created once. A directory that was emptied gets another one, so
     * that no cursor into the lost logs is mistaken for one into the new logs.
     */
    private static final ReentrantLock PROCESS = new ReentrantLock(true);
    private static final long TIMEOUT_NANOS = TimeUnit.SECONDS.toNanos(5);

    private final Path root;
    private final Path lockFile;
    private final long epoch;

    interface Work<T> {
        T run() throws IOException;
    }

    Directory(Path root) throws IOException {
        this.root = Files.createDirectories(root);
        this.lockFile = root.resolve("lock");
        this.epoch = locked(this::readOrCreateEpoch);
    }

    Path root() {
        return root;
    }

    long epoch() {
        return epoch;
    }

    /** {@return the file of {@code topic}: a hash, as a topic's name may be no file's name} */
    Path file(String topic) {
        try {
            byte[] name = topic.getBytes(StandardCharsets.UTF_8);
            byte[] hash = MessageDigest.getInstance("SHA-256").digest(name);
            return root.resolve(HexFormat.of().formatHex(hash) + ".log");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }

    /**
     * Does {@code work} while no other thread of any node does any.
     *
     * @throws IOException if others do not let go in time, or if interrupted, the flag set
     */
    <T> T locked(Work<T> work) throws IOException {
        long deadline = System.nanoTime() + TIMEOUT_NANOS;
        try {
            if (!PROCESS.tryLock(TIMEOUT_NANOS, TimeUnit.NANOSECONDS)) {
                throw new IOException("this node holds the lock for too long");
            }
            try (var channel = open(lockFile)) { // closing it gives the lock back
                while (channel.tryLock() == null) {
                    if (System.nanoTime() - deadline > 0) {
                        throw new IOException("another node holds the lock for too long");
                    }
                    TimeUnit.MILLISECONDS.sleep(1);
                }
                return work.run();
            } finally {
                PROCESS.unlock();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
    }

    /** Waits until the disk knows which files there are. */
    void flush() throws IOException {
        try (var channel = FileChannel.open(root)) {
            channel.force(true);
        }
    }

    static FileChannel open(Path file) throws IOException {
        return FileChannel.open(
                file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
    }

    private long readOrCreateEpoch() throws IOException {
        Path file = root.resolve("epoch");
        if (Files.exists(file)) {
            return ByteBuffer.wrap(Files.readAllBytes(file)).getLong();
        }
        long created = new SecureRandom().nextLong();
        Path fresh = root.resolve("epoch.new");
        try (var channel = open(fresh)) {
            channel.write(ByteBuffer.allocate(Long.BYTES).putLong(created).flip(), 0);
            channel.force(true);
        }
        Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE);
        flush();
        return created;
    }
}
