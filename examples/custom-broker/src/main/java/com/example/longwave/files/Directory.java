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
import java.time.InstantSource;
import java.util.HexFormat;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;

/** The directory: its epoch, its lock, and where each topic's file is. Safe for many threads. */
final class Directory {
    /*
     * A file lock belongs to the process: it does not keep this process's threads apart, and it is
     * lost as soon as the process closes any channel to that file. Hence a lock of the process
     * around it, for all directories; only who holds it has the lock file open.
     *
     * The epoch is a file that is made once. A directory that was emptied gets another one, so that
     * no cursor into the lost logs is taken for one into the new.
     */
    private static final ReentrantLock PROCESS = new ReentrantLock();
    private static final long PATIENCE_SECONDS = 10;

    private final Path root;
    private final Path lockFile;
    private final long epoch;
    final long keepBytes;
    final boolean flush;
    final InstantSource clock;

    interface Work<T> {
        T run() throws IOException;
    }

    Directory(Path root, long keepBytes, boolean flush, InstantSource clock) throws IOException {
        this.root = Files.createDirectories(root);
        this.lockFile = root.resolve("lock");
        this.keepBytes = keepBytes;
        this.flush = flush;
        this.clock = clock;
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

    /** Does {@code work} while no other thread of any node does any. Ends when interrupted. */
    <T> T locked(Work<T> work) throws IOException {
        try {
            if (!PROCESS.tryLock(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
                throw new IOException("the lock is held for too long");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
        try (var channel = open(lockFile);
                var _ = channel.lock()) {
            return work.run();
        } finally {
            PROCESS.unlock();
        }
    }

    static FileChannel open(Path file) throws IOException {
        return FileChannel.open(
                file,
                StandardOpenOption.CREATE,
                StandardOpenOption.READ,
                StandardOpenOption.WRITE);
    }

    private long readOrCreateEpoch() throws IOException {
        Path file = root.resolve("epoch");
        if (Files.exists(file)) {
            return ByteBuffer.wrap(Files.readAllBytes(file)).getLong();
        }
        long created = new SecureRandom().nextLong();
        Path fresh = root.resolve("epoch.new");
        Files.write(fresh, ByteBuffer.allocate(Long.BYTES).putLong(created).array());
        Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE);
        return created;
    }
}
