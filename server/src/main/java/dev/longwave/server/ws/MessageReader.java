package dev.longwave.server.ws;

import dev.longwave.server.http.Allowance;
import dev.longwave.server.http.GrowingBytes;
import java.util.Arrays;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Takes what a client sends apart into messages: RFC 6455, sections 5 and 8, and RFC 7692. For one
 * thread at a time.
 */
final class MessageReader {
    /*
     * Memory is taken for what has arrived: `content` grows with a message of which a part is missing, by the
     * allowance, and an idle connection keeps nothing. A message that is there whole is copied once.
     */
    private static final int MAX_EMPTY_FRAGMENTS = 64; // in a row, of one message

    /** What a client has sent. */
    interface Listener {

        /**
         * A message, whole and, if it is text, valid UTF-8.
         *
         * @param payload the listener's from now on
         */
        void message(boolean text, byte[] payload);

        /** A control frame. */
        void control(int opcode, byte[] payload);
    }

    private final int maxBytes;
    private final boolean compression;
    private final Supplier<Allowance> memory;
    private final Listener listener;

    private byte @Nullable [] partial; // of a header
    private int partialLength;
    private @Nullable FrameHeader frame; // whose payload is arriving
    private long offset; // how much of it has arrived
    private byte @Nullable [] control; // the payload of a control frame that is arriving

    private boolean within; // a message of which a part has arrived
    private boolean text; // that message is, as is the next
    private boolean compressed;
    private int emptyFragments;
    private @Nullable Allowance allowance;
    private @Nullable GrowingBytes content;
    private @Nullable Inflation inflation;
    private final Utf8Check utf8 = new Utf8Check();

    /**
     * @param maxBytes how long a message may be
     * @param compression whether messages may be compressed
     * @param memory an allowance for a message that arrives in parts; closed with it
     */
    MessageReader(
            int maxBytes, boolean compression, Supplier<Allowance> memory, Listener listener) {
        this.maxBytes = maxBytes;
        this.compression = compression;
        this.memory = memory;
        this.listener = listener;
    }

    /** Whether a part of a frame or message is missing. */
    boolean awaitsRest() {
        return partialLength > 0 || frame != null || within;
    }

    /**
     * Reads on.
     *
     * @param bytes are changed
     * @throws WsFault if they break a rule; nothing may be read after it
     * @throws dev.longwave.server.http.ProblemException if there is no memory for them
     */
    void read(byte[] bytes) {
        int at = 0;
        while (at < bytes.length) {
            at = frame == null ? readHeader(bytes, at) : readPayload(frame, bytes, at);
        }
    }

    /** Gives back what it holds. */
    void close() {
        drop();
    }

    private int readHeader(byte[] bytes, int at) {
        int available = bytes.length - at;
        int needed = FrameHeader.bytes(bytes, at, available);
        if (partialLength == 0 && available >= needed && available >= 2) {
            begin(FrameHeader.read(bytes, at, compression));
            return at + needed;
        }
        byte[] header = partial;
        if (header == null) {
            header = new byte[FrameHeader.MAX_BYTES];
            partial = header;
        }
        header[partialLength++] = bytes[at];
        if (partialLength >= 2 && partialLength == FrameHeader.bytes(header, 0, partialLength)) {
            FrameHeader whole = FrameHeader.read(header, 0, compression);
            partial = null;
            partialLength = 0;
            begin(whole);
        }
        return at + 1;
    }

    private void begin(FrameHeader header) {
        if (Opcode.isControl(header.opcode())) {
            control = new byte[(int) header.length()];
        } else {
            beginData(header);
        }
        frame = header;
        offset = 0;
        if (header.length() == 0) {
            endFrame(header);
        }
    }

    private void beginData(FrameHeader header) {
        boolean continues = header.opcode() == Opcode.CONTINUATION;
        if (continues != within) {
            throw WsFault.protocol(
                    continues ? "nothing to continue" : "a message within another one");
        }
        if (!continues) {
            text = header.opcode() == Opcode.TEXT;
            compressed = header.compressed();
            emptyFragments = 0;
        }
        int before = content == null ? 0 : content.length();
        if (header.length() > maxBytes - before) {
            throw WsFault.tooBig(maxBytes);
        }
        if (header.length() == 0 && !header.fin() && ++emptyFragments > MAX_EMPTY_FRAGMENTS) {
            throw new WsFault(CloseStatus.POLICY_VIOLATION, "too many empty fragments");
        }
        within = true;
    }

    private int readPayload(FrameHeader header, byte[] bytes, int at) {
        int count = (int) Math.min(bytes.length - at, header.length() - offset);
        int to = at + count;
        header.unmask(bytes, at, to, offset);
        byte[] target = control;
        if (target != null) {
            System.arraycopy(bytes, at, target, (int) offset, count);
        } else if (isWhole(header, count)) {
            endFrame();
            deliver(Arrays.copyOfRange(bytes, at, to));
            return to;
        } else {
            add(bytes, at, to);
        }
        offset += count;
        if (offset == header.length()) {
            endFrame(header);
        }
        return to;
    }

    /** Whether this is all of a message that needs no further work. */
    private boolean isWhole(FrameHeader header, int count) {
        return offset == 0
                && count == header.length()
                && header.fin()
                && !compressed
                && content == null
                && header.opcode() != Opcode.CONTINUATION;
    }

    private void add(byte[] bytes, int from, int to) {
        GrowingBytes target = content();
        if (!compressed) {
            check(bytes, from, to);
            target.write(bytes, from, to - from);
            return;
        }
        Inflation present = inflation;
        if (present == null) {
            present = new Inflation(maxBytes);
            inflation = present;
        }
        int before = target.length();
        present.inflate(bytes, from, to, target);
        check(target.array(), before, target.length());
    }

    private GrowingBytes content() {
        GrowingBytes present = content;
        if (present == null) {
            Allowance taken = memory.get();
            allowance = taken;
            present = new GrowingBytes(taken, maxBytes);
            content = present;
        }
        return present;
    }

    private void check(byte[] bytes, int from, int to) {
        if (text && !utf8.accepts(bytes, from, to)) {
            throw WsFault.notUtf8();
        }
    }

    private void endFrame() {
        frame = null;
        offset = 0;
    }

    private void endFrame(FrameHeader header) {
        endFrame();
        byte[] payload = control;
        if (payload != null) {
            control = null;
            listener.control(header.opcode(), payload);
        } else if (header.fin()) {
            endMessage();
        }
    }

    private void endMessage() {
        if (compressed) {
            GrowingBytes target = content();
            int before = target.length();
            Inflation present = inflation;
            if (present != null) {
                present.end(target);
            }
            check(target.array(), before, target.length());
        }
        if (text && !utf8.end()) {
            throw WsFault.notUtf8();
        }
        GrowingBytes whole = content;
        byte[] payload = whole == null ? new byte[0] : whole.exact();
        try {
            within = false;
            listener.message(text, payload);
        } finally {
            drop();
        }
    }

    private void deliver(byte[] payload) {
        within = false;
        if (text && !(utf8.accepts(payload, 0, payload.length) && utf8.end())) {
            throw WsFault.notUtf8();
        }
        listener.message(text, payload);
    }

    private void drop() {
        content = null;
        compressed = false;
        if (allowance != null) {
            allowance.close();
            allowance = null;
        }
        if (inflation != null) {
            inflation.close();
            inflation = null;
        }
    }
}
