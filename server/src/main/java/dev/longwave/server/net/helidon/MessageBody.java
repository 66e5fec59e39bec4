package dev.longwave.server.net.helidon;

import dev.longwave.server.net.RequestFault;
import dev.longwave.server.net.RequestFaultException;
import java.io.InputStream;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/** The body of one request of HTTP/1, out of its framing: RFC 9112, sections 6 and 7.1. */
final class MessageBody extends InputStream {
    /*
     * Helidon 4.5.0 buffers the line of a chunk's size whatever its length, takes signs in sizes, refuses
     * extensions and trailers, does not look at what follows the data of a chunk, and answers faults with 500.
     */
    private static final int MAX_SIZE_DIGITS = 10;
    private static final int MAX_EXTENSION_BYTES = 256;
    private static final int MAX_TRAILER_BYTES = 4 << 10;

    /** What comes next, where no data does. */
    private enum Part {
        SIZE,
        EXTENSION,
        SIZE_END, // the LF of the line
        DATA_CR,
        DATA_END,
        TRAILER, // at the begin of a line
        TRAILER_LINE,
        TRAILER_END,
        LAST_END,
        NONE
    }

    private final ReceivedBytes received;
    private final Runnable receive;
    private final long announced;
    private Part part;
    private long left; // of the chunk, or of the body if it has no chunks
    private long size; // of the next chunk, as far as it was read
    private int digits; // of that
    private int extra; // bytes of the extensions of this chunk, or of all trailers
    private @Nullable RequestFault fault;

    /**
     * @param length how long it is, or {@link HeaderFields#CHUNKED}
     * @param receive waits until more is received, or throws
     */
    MessageBody(ReceivedBytes received, long length, Runnable receive) {
        this.received = received;
        this.receive = receive;
        this.announced = length;
        this.part = length == HeaderFields.CHUNKED ? Part.SIZE : Part.NONE;
        this.left = Math.max(length, 0);
    }

    /** How long it is; empty if it comes in chunks. */
    OptionalLong announcedLength() {
        return announced == HeaderFields.CHUNKED
                ? OptionalLong.empty()
                : OptionalLong.of(announced);
    }

    /** What is wrong with it, as far as it was read. */
    Optional<RequestFault> fault() {
        return Optional.ofNullable(fault);
    }

    /** Takes what has arrived of it. Returns whether that was the rest, and no fault is in it. */
    boolean skip() {
        try {
            while (!isOver()) {
                if (received.isEmpty()) {
                    return false;
                }
                if (left > 0) {
                    took(received.skip(left));
                } else {
                    readFraming(received.take());
                }
            }
            return true;
        } catch (RequestFaultException _) {
            return false;
        }
    }

    private boolean isOver() {
        return left == 0 && part == Part.NONE;
    }

    @Override
    public int read() {
        var one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    /**
     * Waits for some of it.
     *
     * @throws RequestFaultException if its framing is faulty
     */
    @Override
    public int read(byte[] target, int offset, int length) {
        if (length == 0) {
            return 0;
        }
        while (!isOver()) {
            if (received.isEmpty()) {
                receive.run();
            }
            if (left > 0) {
                int count = received.take(target, offset, (int) Math.min(left, length));
                took(count);
                return count;
            }
            readFraming(received.take());
        }
        return -1;
    }

    private void took(long count) {
        left -= count;
        if (left == 0 && announced == HeaderFields.CHUNKED) {
            part = Part.DATA_CR;
        }
    }

    private void readFraming(byte b) {
        RequestFault earlier = fault;
        if (earlier != null) {
            throw new RequestFaultException(earlier);
        }
        part =
                switch (part) {
                    case SIZE -> size(b);
                    case EXTENSION -> extension(b);
                    case SIZE_END -> sizeEnd(b);
                    case DATA_CR -> expected(b == '\r', Part.DATA_END);
                    case DATA_END -> expected(b == '\n', Part.SIZE);
                    case TRAILER -> b == '\r' ? Part.LAST_END : trailer(b);
                    case TRAILER_LINE -> b == '\r' ? Part.TRAILER_END : trailer(b);
                    case TRAILER_END -> expected(b == '\n', Part.TRAILER);
                    case LAST_END -> expected(b == '\n', Part.NONE);
                    case NONE -> throw new IllegalStateException("the body is over");
                };
    }

    private Part size(byte b) {
        int digit = Character.digit(b, 16);
        if (digit >= 0) {
            if (++digits > MAX_SIZE_DIGITS) {
                throw faulty("the size of a chunk has too many digits max=" + MAX_SIZE_DIGITS);
            }
            size = size << 4 | digit;
            return Part.SIZE;
        }
        if (digits == 0 || (b != ';' && b != '\r')) {
            throw faulty("the size of a chunk must be a hexadecimal number");
        }
        extra = 0;
        return b == ';' ? Part.EXTENSION : Part.SIZE_END;
    }

    private Part extension(byte b) {
        if (b == '\r') {
            return Part.SIZE_END;
        }
        if (Ascii.isControl(b) || ++extra > MAX_EXTENSION_BYTES) {
            throw faulty("the extensions of a chunk must be text maxBytes=" + MAX_EXTENSION_BYTES);
        }
        return Part.EXTENSION;
    }

    private Part sizeEnd(byte b) {
        if (b != '\n') {
            throw faulty("a line of a chunk must end in CR LF");
        }
        digits = 0;
        extra = 0;
        left = size;
        size = 0;
        return left == 0 ? Part.TRAILER : Part.NONE;
    }

    private Part trailer(byte b) {
        if (Ascii.isControl(b) || ++extra > MAX_TRAILER_BYTES) {
            throw faulty("the trailers must be lines of text maxBytes=" + MAX_TRAILER_BYTES);
        }
        return Part.TRAILER_LINE;
    }

    private Part expected(boolean asExpected, Part next) {
        if (!asExpected) {
            throw faulty("a chunk or a trailer must end in CR LF");
        }
        return next;
    }

    private RequestFaultException faulty(String detail) {
        RequestFault found = RequestFault.malformed(detail);
        fault = found;
        return new RequestFaultException(found);
    }
}
