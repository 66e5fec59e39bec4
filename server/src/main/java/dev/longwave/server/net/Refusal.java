package dev.longwave.server.net;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** Tells a client why its connection ends, before any request of it is read. */
final class Refusal {

    private static final int SETTINGS = 4;
    private static final int GOAWAY = 7;
    private static final int ENHANCE_YOUR_CALM = 0xb;

    /** The answer to a client that does not speak TLS where it should. */
    static final RequestFault NOT_ENCRYPTED =
            new RequestFault(
                    400,
                    "tls-required",
                    "The connection is not encrypted",
                    "this port speaks HTTPS only: use https:// in place of http://");

    private Refusal() {}

    /** Whether a client whose first bytes are these may understand an answer of HTTP/1. */
    static boolean isHttp(byte[] first) {
        return first[0] >= 'A' && first[0] <= 'Z'; // of a method
    }

    /** The answer to a client that speaks {@code protocol}, and is one too many. */
    static ByteBuffer of(Protocol protocol, ConnectionLimits.Exceeded exceeded) {
        return switch (protocol) {
            case HTTP_1 -> fault(exceeded).http1Response(true);
            case HTTP_2 -> goAway(exceeded);
        };
    }

    private static RequestFault fault(ConnectionLimits.Exceeded exceeded) {
        return new RequestFault(
                429, exceeded.limit(), "Too many connections", words(exceeded), exceeded.max());
    }

    /**
     * An empty SETTINGS frame, which must come first, and GOAWAY: RFC 9113, sections 6.5 and 6.8.
     */
    private static ByteBuffer goAway(ConnectionLimits.Exceeded exceeded) {
        byte[] words = words(exceeded).getBytes(StandardCharsets.US_ASCII);
        ByteBuffer frames = ByteBuffer.allocate(9 + 9 + 8 + words.length);
        frames.putInt(SETTINGS).put((byte) 0).putInt(0);
        frames.putInt((8 + words.length) << 8 | GOAWAY).put((byte) 0).putInt(0);
        frames.putInt(0).putInt(ENHANCE_YOUR_CALM).put(words);
        return frames.flip();
    }

    private static String words(ConnectionLimits.Exceeded exceeded) {
        return "connection refused by limit limit=%s max=%d"
                .formatted(exceeded.limit(), exceeded.max());
    }
}
