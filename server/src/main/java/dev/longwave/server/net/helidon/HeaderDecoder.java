package dev.longwave.server.net.helidon;

import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.DefaultHttp2HeadersDecoder;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.util.AsciiString;
import java.util.ArrayList;
import java.util.List;

/**
 * Decodes the header blocks of one connection: RFC 7541, by Netty's decoder. For the thread that
 * reads the connection.
 *
 * <p>Stands in for Helidon's decoder, which loops for ever when an entry is larger than the dynamic
 * table, does not enforce the size that it announces, refuses pseudo-headers whose name is spelled
 * out, and ends the connection with the wrong error code.
 */
final class HeaderDecoder {
    /*
     * Each block is decoded to its end, since blocks that follow refer to what it enters in the table. Netty
     * keeps fields up to a size, and from there on only decodes, so references to a large entry cost nothing.
     *
     * That size is more than what is allowed, so that a target that is too long can be told from a header
     * that is too large.
     */
    private static final int MAX_KEPT = 16 << 10;

    private final Decoder decoder = new Decoder();

    /**
     * What was in a block.
     *
     * @param fields in the order in which they came; the first ones if it was truncated
     */
    record Decoded(List<HeaderField> fields, boolean truncated) {

        /** See {@link HeaderField#size()}. */
        int size() {
            return truncated
                    ? Integer.MAX_VALUE
                    : fields.stream().mapToInt(HeaderField::size).sum();
        }
    }

    /**
     * Decodes the next block.
     *
     * @throws ConnectionFault if it cannot be decoded, and so none after it
     */
    Decoded decode(int streamId, byte[] block) {
        var fields = new Fields();
        decoder.next = fields;
        try {
            var _ = decoder.decodeHeaders(streamId, Unpooled.wrappedBuffer(block));
            return new Decoded(fields.list, false);
        } catch (Http2Exception.StreamException _) {
            return new Decoded(fields.list, true);
        } catch (Http2Exception _) {
            throw new ConnectionFault(
                    Http2Error.COMPRESSION_ERROR, "a header block cannot be decoded");
        }
    }

    private static final class Decoder extends DefaultHttp2HeadersDecoder {
        private Fields next = new Fields();

        Decoder() {
            super(false, MAX_KEPT);
        }

        @Override
        protected Http2Headers newHeaders() {
            return next;
        }
    }

    /** Keeps their order, which Netty's own does not. */
    private static final class Fields extends DefaultHttp2Headers {
        private final List<HeaderField> list = new ArrayList<>();

        Fields() {
            super(false);
        }

        @Override
        public Http2Headers add(CharSequence name, CharSequence value) {
            list.add(new HeaderField(string(name), string(value)));
            return this;
        }

        private static String string(CharSequence bytes) {
            return bytes instanceof AsciiString ascii ? ascii.toString() : bytes.toString();
        }
    }
}
