package dev.longwave.server.net;

import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.concurrent.locks.ReentrantLock;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/** Encrypts what is written to one client. Safe for many threads. */
final class TlsOutput {
    /*
     * Records must reach the socket in the order in which they were encrypted, so a thread holds `lock` from
     * before it encrypts a record until the socket has taken it, or its rest is kept in `begun`. The other
     * fields are guarded by it, too. A blocked write holds the lock no longer than the write deadline allows;
     * tryWrite() and end() do not wait for it.
     *
     * A record that is encrypted cannot be taken back, and tryWrite() may find room in the socket for a part of
     * one. Then it reports the data of that record as not written, and keeps the rest of the record, and how
     * much data is in it. The caller writes that data again, which the Endpoint's contract asks of it: then the
     * kept bytes are written in its place. So the caller never takes data for written that the client could
     * not decrypt yet, and a connection keeps at most one record, and only while its client does not read.
     *
     * What the engine itself has to say (a ticket, the answer to a key update, an alert) waits in the engine, and
     * the next wrap gives that out before any data. RFC 8446, section 4.6.3, wants a key update answered before
     * the next data, and no sooner.
     */
    private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);

    private final SSLEngine engine;
    private final TcpEndpoint tcp;
    private final ReentrantLock lock = new ReentrantLock();
    private @Nullable ByteBuffer begun; // the rest of a record of which the socket took a part
    private int begunBytes; // how much data is in that record, and was not written again yet

    TlsOutput(SSLEngine engine, TcpEndpoint tcp) {
        this.engine = engine;
        this.tcp = tcp;
    }

    /** Writes all of {@code data}. Blocks as {@link TcpEndpoint#write} does. */
    void write(ByteBuffer data) {
        lock.lock();
        ByteBuffer record = RecordBuffers.take();
        try {
            ByteBuffer rest = begun;
            if (rest != null) {
                tcp.write(rest);
                begun = null;
            }
            skipBegun(data);
            while (data.hasRemaining()) {
                tcp.write(wrap(data, record));
            }
        } finally {
            RecordBuffers.giveBack(record);
            lock.unlock();
        }
    }

    private void skipBegun(ByteBuffer data) {
        int skipped = Math.min(begunBytes, data.remaining());
        data.position(data.position() + skipped);
        begunBytes -= skipped;
    }

    /** Does what {@link Endpoint#tryWrite} says. */
    int tryWrite(byte[] array, int offset, int length) {
        if (!lock.tryLock()) {
            return 0; // it is being closed
        }
        ByteBuffer record = RecordBuffers.take();
        try {
            ByteBuffer data = ByteBuffer.wrap(array, offset, length);
            ByteBuffer rest = begun;
            if (rest != null) {
                var _ = tcp.tryWrite(rest);
                if (rest.hasRemaining()) {
                    return 0;
                }
                begun = null;
            }
            skipBegun(data);
            while (data.hasRemaining()) {
                int from = data.position();
                var _ = tcp.tryWrite(wrap(data, record));
                if (record.hasRemaining()) {
                    keep(record, data.position() - from);
                    return from - offset;
                }
            }
            return length;
        } finally {
            RecordBuffers.giveBack(record);
            lock.unlock();
        }
    }

    private void keep(ByteBuffer record, int bytes) {
        begun = ByteBuffer.allocate(record.remaining()).put(record).flip();
        begunBytes = bytes;
    }

    /**
     * Writes what the engine has to say, if anything; while a record is half written, the next
     * write does. Blocks.
     */
    void flush() {
        if (engine.getHandshakeStatus() != HandshakeStatus.NEED_WRAP) {
            return;
        }
        lock.lock();
        ByteBuffer record = RecordBuffers.take();
        try {
            while (begun == null && engine.getHandshakeStatus() == HandshakeStatus.NEED_WRAP) {
                tcp.write(wrap(NOTHING.duplicate(), record));
            }
        } finally {
            RecordBuffers.giveBack(record);
            lock.unlock();
        }
    }

    /**
     * Tells the client that nothing more comes, unless something is half written. Does not fail,
     * and blocks no longer than the write deadline.
     */
    void end() {
        if (!lock.tryLock()) {
            return;
        }
        try {
            if (begun == null) {
                engine.closeOutbound();
                flush();
            }
        } catch (UncheckedIOException _) {
            // The client is gone.
        } finally {
            lock.unlock();
        }
    }

    /** The next record, of data or of the engine's own. */
    private ByteBuffer wrap(ByteBuffer data, ByteBuffer record) {
        try {
            SSLEngineResult result = engine.wrap(data, record.clear());
            if (result.bytesProduced() == 0
                    && result.getHandshakeStatus() != HandshakeStatus.FINISHED) {
                throw new SSLException("the connection is closed: " + result.getStatus());
            }
            return record.flip();
        } catch (SSLException e) {
            throw new UncheckedIOException("the TLS connection failed", e);
        }
    }

    /** A value that depends on what {@link #tryWrite} looks at first. Any thread. */
    int prefetch() {
        return lock.isLocked() ? 1 : 0;
    }
}
