package dev.longwave.server.http;

import java.io.IOException;
import java.io.InputStream;
import java.util.zip.CRC32;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;

/** Decodes gzip as it arrives: RFC 1952, with several members and nothing else after them. */
final class GzipContent extends InputStream {
    /*
     * java.util.zip.GZIPInputStream ignores what follows a member unless it happens to have read it already. Here all
     * of the content counts. A caller's bound on what it reads bounds the decoded size: nothing is decoded ahead of it.
     */

    /** About what zlib allocates for the window and its tables, and the input buffer. */
    private static final int INFLATER_BYTES = 48 << 10;

    private static final int INPUT_BYTES = 4 << 10;
    private static final int MAX_OPTIONAL_BYTES = 4 << 10;

    private static final int EXTRA = 1 << 2;
    private static final int NAME = 1 << 3;
    private static final int COMMENT = 1 << 4;
    private static final int HEADER_CHECK = 1 << 1;
    private static final int RESERVED = 0b1110_0000;

    private final InputStream raw;
    private final Allowance allowance;
    private final Inflater inflater;
    private final CRC32 check = new CRC32();
    private final byte[] input = new byte[INPUT_BYTES];
    private final byte[] single = new byte[1];
    private int from; // of the input that nobody has taken
    private int to;
    private boolean inMember;
    private boolean atEnd;
    private int optional; // bytes of the header's optional fields

    /**
     * @param allowance for what decoding needs; closed with this stream
     * @throws ProblemException if there is no memory left
     */
    GzipContent(InputStream raw, Allowance allowance) {
        allowance.take(INFLATER_BYTES);
        this.raw = raw;
        this.allowance = allowance;
        this.inflater = new Inflater(true);
    }

    @Override
    public int read() throws IOException {
        return read(single, 0, 1) < 0 ? -1 : single[0] & 0xff;
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
        if (length == 0) {
            return 0;
        }
        try {
            while (!atEnd) {
                if (!inMember && !begin()) {
                    atEnd = true;
                } else {
                    int count = inflate(bytes, offset, length);
                    if (count > 0) {
                        return count;
                    }
                }
            }
            return -1;
        } catch (DataFormatException _) {
            throw malformed();
        }
    }

    /** Inflates something, or finishes the member. */
    private int inflate(byte[] bytes, int offset, int length)
            throws IOException, DataFormatException {
        int count = inflater.inflate(bytes, offset, length);
        if (count > 0) {
            check.update(bytes, offset, count);
        } else if (inflater.finished()) {
            from = to - inflater.getRemaining();
            finish();
        } else if (inflater.needsDictionary()) {
            throw malformed();
        } else if (inflater.needsInput()) {
            if (!fill()) {
                throw malformed();
            }
            inflater.setInput(input, from, to - from);
        }
        return count;
    }

    /** Whether another member begins. */
    private boolean begin() throws IOException {
        if (from == to && !fill()) {
            return false;
        }
        if (next() != 0x1f || next() != 0x8b || next() != 8) {
            throw malformed();
        }
        int flags = next();
        if ((flags & RESERVED) != 0) {
            throw malformed();
        }
        skip(6);
        optional = 0;
        if ((flags & EXTRA) != 0) {
            skipOptional(next() | next() << 8);
        }
        if ((flags & NAME) != 0) {
            skipText();
        }
        if ((flags & COMMENT) != 0) {
            skipText();
        }
        if ((flags & HEADER_CHECK) != 0) {
            skip(2);
        }
        inflater.reset();
        inflater.setInput(input, from, to - from);
        check.reset();
        inMember = true;
        return true;
    }

    private void finish() throws IOException {
        if (number() != check.getValue()
                || number() != (inflater.getBytesWritten() & 0xffff_ffffL)) {
            throw malformed();
        }
        inMember = false;
    }

    private long number() throws IOException {
        long value = 0;
        for (int shift = 0; shift < 32; shift += 8) {
            value |= (long) next() << shift;
        }
        return value;
    }

    private void skip(int count) throws IOException {
        for (int i = 0; i < count; i++) {
            next();
        }
    }

    private void skipOptional(int count) throws IOException {
        countOptional(count);
        skip(count);
    }

    private void skipText() throws IOException {
        while (next() != 0) {
            countOptional(1);
        }
    }

    private void countOptional(int count) {
        optional += count;
        if (optional > MAX_OPTIONAL_BYTES) {
            throw malformed();
        }
    }

    private int next() throws IOException {
        if (from == to && !fill()) {
            throw malformed();
        }
        return input[from++] & 0xff;
    }

    private boolean fill() throws IOException {
        int count = raw.read(input, 0, input.length);
        from = 0;
        to = Math.max(0, count);
        return count > 0;
    }

    private static ProblemException malformed() {
        return Problem.malformedCoding().exception();
    }

    @Override
    public void close() throws IOException {
        inflater.end();
        allowance.close();
        raw.close();
    }
}
