package dev.longwave.server.net;

import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Executor;
import javax.net.ssl.SSLSession;
import org.jspecify.annotations.Nullable;

/**
 * The server's end of a connection, or of one stream of a connection that carries many: the only
 * way to a client's bytes.
 *
 * <p>One thread may read and one may write at a time; any thread may close it. Every failure is an
 * unchecked exception: a {@link DeadlineExceededException} if the client took or sent nothing for
 * too long, otherwise mostly an {@link java.io.UncheckedIOException}, which means that the client
 * is gone.
 */
public interface Endpoint extends AutoCloseable {

    /**
     * Waits for bytes.
     *
     * @return what has arrived, one byte or more; null at the end of what the client sends
     * @throws UnsupportedOperationException if something else reads from this connection
     */
    byte @Nullable [] read();

    /**
     * Has {@code receiver} get what arrives from now on, in place of {@link #read()}, while others
     * write. Once.
     */
    void receive(Receiver receiver);

    /**
     * Writes all of {@code bytes}. Blocks while the client does not read, up to the write deadline
     * without progress.
     */
    void write(ByteBuffer bytes);

    /**
     * Enables {@link #tryWrite}, if this endpoint has it; nothing may be read from then on but by
     * {@link #receive}. For the writing thread.
     *
     * @return whether it is enabled
     */
    boolean enableDirectWrites();

    /**
     * Writes as many bytes of {@code array} as is possible without waiting. Only after {@link
     * #enableDirectWrites()} returned true. What was not written must be written next, before
     * anything else: a part of it may be encrypted already.
     *
     * @param array is not changed, and no reference to it is kept
     * @return how many bytes were written, from {@code offset}; all of them only if the client can
     *     read them all without another write
     */
    int tryWrite(byte[] array, int offset, int length);

    /**
     * {@return what has to call {@link #tryWrite}, in place of threads that must not wait; null if
     * any thread may call it} It runs what it is given soon, on another thread, and does not fail.
     */
    default @Nullable Executor directWriteExecutor() {
        return null;
    }

    /**
     * Has {@code action} run, once and soon, if the client gives up this stream and not the whole
     * connection. It runs on a thread of the connection, and must not block.
     */
    void onReset(Runnable action);

    /**
     * Reads what {@link #tryWrite} will need, so that it is in the processor's cache by then. Any
     * thread.
     *
     * @return a value that depends on everything that was read
     */
    int prefetch();

    /**
     * Asks the client to open its next streams on another connection, and perhaps at another node,
     * as far as its protocol has words for that. Those that are open go on. Any thread.
     */
    default void sendElsewhere() {}

    /**
     * Has the read that waits, or the next one, fail with a {@link DeadlineExceededException}; what
     * is written still arrives. Any thread; does not block.
     *
     * @throws UnsupportedOperationException if something else reads from this connection
     */
    void expireInput();

    /** {@return the client's address} */
    InetSocketAddress peer();

    /** {@return the TLS session of the connection; empty if it is not encrypted} */
    Optional<SSLSession> tls();

    /**
     * Ends what is written, then reads and discards what the client was about to send, so that it
     * gets the last answer rather than a reset: RFC 9112, section 9.6. Returns when the client ends
     * the connection too, or after about {@code atMost}, or with more than {@code maxBytes}. Only
     * {@link #close()} may follow. Does not fail.
     *
     * @throws UnsupportedOperationException if something else reads from this connection
     */
    void drain(int maxBytes, Duration atMost);

    /**
     * Ends it after what was written. Does not fail; does nothing the second time. May block while
     * the client does not read, up to the write deadline.
     */
    @Override
    void close();
}
