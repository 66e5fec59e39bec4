package dev.longwave.testing;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.ProtocolException;

/**
 * Decodes the chunked transfer coding: RFC 9112, section 7.1. Gives the bytes of a chunk as they
 * come, and fails if the connection ends before the last chunk.
 */
final class ChunkedInputStream extends InputStream {

    private final InputStream in;
    private int left; // of the current chunk
    private boolean begun;
    private boolean ended;

    ChunkedInputStream(InputStream in) {
        this.in = in;
    }

    @Override
    public int read() throws IOException {
        var one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
        if (length == 0) {
            return 0;
        }
        if (left == 0 && !nextChunk()) {
            return -1;
        }
        int count = in.read(bytes, offset, Math.min(length, left));
        if (count < 0) {
            throw new EOFException("the connection ended in the middle of a chunk");
        }
        left -= count;
        return count;
    }

    private boolean nextChunk() throws IOException {
        if (ended) {
            return false;
        }
        if (begun && !ResponseHead.line(in).isEmpty()) {
            throw new ProtocolException("a chunk is longer than its size says");
        }
        begun = true;
        String line = ResponseHead.line(in);
        int extension = line.indexOf(';');
        String size = extension < 0 ? line : line.substring(0, extension);
        try {
            left = Integer.parseInt(size.strip(), 16);
        } catch (NumberFormatException _) {
            throw new ProtocolException("not a chunk size: " + line);
        }
        if (left == 0) {
            ended = true;
            while (!ResponseHead.line(in).isEmpty()) {
                // A trailer field.
            }
        }
        return !ended;
    }
}
