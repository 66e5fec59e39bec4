package dev.longwave.server.net;

import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult;
import javax.net.ssl.SSLException;

/** What one client sends over TLS, to be decrypted. For the reading thread. */
final class TlsInput {
    /*
     * Memory is taken for what has arrived, not for what the header of a record announces.
     *
     * A record without data says something to the TLS layer: a new key, a ticket, padding. A client can send any
     * number of them, each of which costs a derivation of keys and may ask for an answer, so only a few may
     * follow each other.
     */
    private static final int HEADER_BYTES = 5;
    private static final int LENGTH_AT = 3;

    /** RFC 8446, section 5.2; TLS 1.2 with the ciphers in use here adds less. */
    private static final int MAX_LENGTH = (16 << 10) + 256;

    private static final int MAX_WITHOUT_DATA = 16;
    private static final int MAX_OF_HANDSHAKE = 64; // a client needs fewer than ten
    private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);

    private final SSLEngine engine;
    private ByteBuffer received = NOTHING; // and not decrypted
    private int withoutData; // records since the last one with data, or of the handshake
    private boolean ended;

    TlsInput(SSLEngine engine) {
        this.engine = engine;
    }

    /** Adds what has arrived. It is taken over. */
    void add(byte[] more) {
        int before = received.remaining();
        if (before == 0) {
            received = ByteBuffer.wrap(more);
        } else if (received.capacity() - received.limit() >= more.length) {
            int end = received.limit();
            received.limit(end + more.length).put(end, more);
        } else {
            var grown = ByteBuffer.allocate(Math.max(2 * before, before + more.length));
            received = grown.put(received).put(more).flip();
        }
    }

    /** Whether a whole record has arrived. */
    boolean hasRecord() {
        return received.remaining() >= HEADER_BYTES
                && received.remaining() >= HEADER_BYTES + checkedLength();
    }

    private int checkedLength() {
        int length = received.getShort(received.position() + LENGTH_AT) & 0xffff;
        if (length > MAX_LENGTH) {
            throw failed(new SSLException("a record is too long length=" + length));
        }
        return length;
    }

    /** Decrypts a record that has arrived whole and is a part of the handshake. */
    void handshake() {
        var _ = unwrap(NOTHING.duplicate());
        if (++withoutData > MAX_OF_HANDSHAKE) {
            throw failed(new SSLException("too many records in a handshake"));
        }
        if (ended) {
            throw failed(new SSLException("the client gave up the handshake"));
        }
    }

    /**
     * Decrypts the records that have arrived whole.
     *
     * @return their data; empty if they have none
     */
    byte[] decrypt() {
        ByteBuffer data = ByteBuffer.allocate(received.remaining());
        while (!ended && hasRecord()) {
            SSLEngineResult result = unwrap(data);
            withoutData = result.bytesProduced() > 0 ? 0 : withoutData + 1;
            if (withoutData > MAX_WITHOUT_DATA) {
                throw failed(new SSLException("too many records without data"));
            }
            if (result.getHandshakeStatus() == SSLEngineResult.HandshakeStatus.NEED_TASK) {
                // Of what comes after the handshake, only TLS 1.2 has a message with a task: a new
                // ClientHello.
                throw failed(new SSLException("renegotiation is refused"));
            }
        }
        return data.position() == data.capacity()
                ? data.array()
                : Arrays.copyOf(data.array(), data.position());
    }

    private SSLEngineResult unwrap(ByteBuffer data) {
        try {
            SSLEngineResult result = engine.unwrap(received, data);
            if (!received.hasRemaining()) {
                received = NOTHING;
            }
            switch (result.getStatus()) {
                case OK -> {}
                case CLOSED -> ended = true;
                case BUFFER_OVERFLOW, BUFFER_UNDERFLOW ->
                        throw new SSLException("unexpected " + result.getStatus());
            }
            return result;
        } catch (SSLException e) {
            throw failed(e);
        }
    }

    private static UncheckedIOException failed(SSLException e) {
        return new UncheckedIOException("what the client sent is not valid TLS", e);
    }

    /** Whether the client has said that it sends nothing more. */
    boolean isEnded() {
        return ended;
    }
}
