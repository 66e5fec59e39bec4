package dev.longwave.server.net;

/** Makes the engines that serve connections. Safe for many threads. */
public interface Engines extends AutoCloseable {

    /**
     * {@return an engine for a connection whose client speaks {@code protocol}}
     *
     * @param endpoint the connection, to write to
     * @param first what the client has sent so far
     * @param input what it sends next
     * @param platformThreads says whether a busy client can have a platform thread
     */
    Engine engine(
            Protocol protocol,
            Endpoint endpoint,
            byte[] first,
            Input input,
            PlatformThreads platformThreads);

    /** Ends what the engines share, after the last connection. */
    @Override
    void close();
}
