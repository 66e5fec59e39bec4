package dev.longwave.server.net;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Finds out which protocol a client speaks, by the first bytes that it sends. */
final class ProtocolDetector {

    private static final byte[] HTTP_2_PREFACE =
            "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII);

    private ProtocolDetector() {}

    /**
     * A protocol, and what the client has sent so far.
     *
     * @param first one byte or more, of which the protocol's engine has seen none
     */
    @SuppressWarnings("ArrayRecordComponent") // handed on, once
    record Detected(Protocol protocol, byte[] first) {}

    /**
     * Waits for a client to send enough.
     *
     * @param read waits for bytes; null at their end
     * @param agreed the protocol, if it is known already
     * @return empty if the client left without sending anything
     */
    static Optional<Detected> detect(Supplier<byte @Nullable []> read, @Nullable Protocol agreed) {
        byte[] seen = {};
        while (true) {
            byte[] more = read.get();
            if (more == null) {
                return seen.length == 0
                        ? Optional.empty()
                        : Optional.of(new Detected(Protocol.HTTP_1, seen));
            }
            seen = joined(seen, more);
            Protocol protocol = agreed == null ? protocol(seen) : agreed;
            if (protocol != null) {
                return Optional.of(new Detected(protocol, seen));
            }
        }
    }

    /** The protocol of a client that has sent this, or null if it must send more. */
    private static @Nullable Protocol protocol(byte[] seen) {
        int compared = Math.min(seen.length, HTTP_2_PREFACE.length);
        if (Arrays.equals(seen, 0, compared, HTTP_2_PREFACE, 0, compared)) {
            return compared == HTTP_2_PREFACE.length ? Protocol.HTTP_2 : null;
        }
        return Protocol.HTTP_1;
    }

    private static byte[] joined(byte[] seen, byte[] more) {
        if (seen.length == 0) {
            return more;
        }
        byte[] both = Arrays.copyOf(seen, seen.length + more.length);
        System.arraycopy(more, 0, both, seen.length, more.length);
        return both;
    }
}
