package dev.longwave.server.ws;

import dev.longwave.server.http.GrowingBytes;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;

/** Decompresses one message, as it arrives: RFC 7692, section 7.2.2. For one thread at a time. */
final class Inflation implements AutoCloseable {

    private static final int STEP = 4 << 10;
    private static final byte[] TAIL = {0, 0, (byte) 0xff, (byte) 0xff};

    private final Inflater inflater = new Inflater(true);
    private final int maxBytes;
    private final byte[] step = new byte[STEP];

    /**
     * @param maxBytes how long the message may be
     */
    Inflation(int maxBytes) {
        this.maxBytes = maxBytes;
    }

    /**
     * @throws WsFault if the data is not valid, or too long
     */
    void inflate(byte[] bytes, int from, int to, GrowingBytes target) {
        inflater.setInput(bytes, from, to - from);
        try {
            while (true) {
                int count = inflater.inflate(step);
                if (count > maxBytes - target.length()) {
                    throw WsFault.tooBig(maxBytes);
                }
                target.write(step, 0, count);
                if (inflater.finished()) {
                    nextStream(bytes, to);
                }
                if (count == 0 && (inflater.needsInput() || inflater.needsDictionary())) {
                    return;
                }
            }
        } catch (DataFormatException _) {
            throw new WsFault(CloseStatus.NOT_UTF_8, "the message is not valid deflate data");
        }
    }

    /** What ends a stream of DEFLATE need not end the message: section 7.2.3.4. */
    private void nextStream(byte[] bytes, int to) {
        int left = inflater.getRemaining();
        inflater.reset();
        inflater.setInput(bytes, to - left, left);
    }

    /** The message has ended. */
    void end(GrowingBytes target) {
        inflate(TAIL, 0, TAIL.length, target);
    }

    @Override
    public void close() {
        inflater.end();
    }
}
