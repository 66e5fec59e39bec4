package dev.longwave.server.net.helidon;

import io.helidon.common.buffers.DataReader;
import org.jspecify.annotations.Nullable;

/** Reads on from a reader that Helidon has already looked into, to feed another one. */
final class Remaining {
    private Remaining() {}

    /** What is there, waiting for some if there is nothing; null at the end of the connection. */
    static byte @Nullable [] of(DataReader reader) {
        try {
            reader.ensureAvailable();
        } catch (DataReader.InsufficientDataAvailableException _) {
            return null;
        }
        return reader.readBuffer(reader.available()).readBytes();
    }
}
