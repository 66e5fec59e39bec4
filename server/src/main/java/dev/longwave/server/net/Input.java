package dev.longwave.server.net;

import org.jspecify.annotations.Nullable;

/** What a client sends, for the engine of its protocol, which knows what counts as progress. */
public interface Input {

    /**
     * Waits for bytes.
     *
     * @return what has arrived, one byte or more; null at the end
     * @throws DeadlineExceededException if the client made no progress for longer than the engine's
     *     {@link Engine#readLimit} allows; what is written still arrives
     */
    byte @Nullable [] read();

    /** A part of what is awaited has arrived whole: the head of a request, or the rest of it. */
    void progress();

    /**
     * Bytes of a body have arrived: enough of them are progress.
     *
     * @param bytes how many, besides those of earlier calls
     */
    void progress(int bytes);
}
