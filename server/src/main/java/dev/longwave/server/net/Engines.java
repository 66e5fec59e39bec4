package dev.longwave.server.net;

import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Makes the engines that serve connections. Safe for many threads. */
public interface Engines extends AutoCloseable {

    /**
     * {@return an engine for a connection whose client speaks {@code protocol}}
     *
     * @param endpoint the connection, to write to
     * @param first what the client has sent so far
     * @param read waits for what it sends next; null at the end
     * @param platformThreads says whether a busy client can have a platform thread
     */
    Engine engine(
            Protocol protocol,
            Endpoint endpoint,
            byte[] first,
            Supplier<byte @Nullable []> read,
            PlatformThreads platformThreads);

    /** Ends what the engines share, after the last connection. */
    @Override
    void close();
}
