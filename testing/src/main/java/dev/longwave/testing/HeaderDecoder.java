package dev.longwave.testing;

import java.net.ProtocolException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Decodes the header blocks of one HTTP/2 connection (HPACK, RFC 7541), in their order. For one
 * thread.
 */
public final class HeaderDecoder {

    private static final int TABLE_BYTES = 4096; // SETTINGS_HEADER_TABLE_SIZE, by default
    private static final int ENTRY_OVERHEAD = 32;
    private static final int MAX_INTEGER = 1 << 24;

    /** Appendix A, from index 1: names, and values where there is one. */
    private static final List<Field> STATIC_TABLE =
            List.of(
                    new Field(":authority", ""),
                    new Field(":method", "GET"),
                    new Field(":method", "POST"),
                    new Field(":path", "/"),
                    new Field(":path", "/index.html"),
                    new Field(":scheme", "http"),
                    new Field(":scheme", "https"),
                    new Field(":status", "200"),
                    new Field(":status", "204"),
                    new Field(":status", "206"),
                    new Field(":status", "304"),
                    new Field(":status", "400"),
                    new Field(":status", "404"),
                    new Field(":status", "500"),
                    new Field("accept-charset", ""),
                    new Field("accept-encoding", "gzip, deflate"),
                    new Field("accept-language", ""),
                    new Field("accept-ranges", ""),
                    new Field("accept", ""),
                    new Field("access-control-allow-origin", ""),
                    new Field("age", ""),
                    new Field("allow", ""),
                    new Field("authorization", ""),
                    new Field("cache-control", ""),
                    new Field("content-disposition", ""),
                    new Field("content-encoding", ""),
                    new Field("content-language", ""),
                    new Field("content-length", ""),
                    new Field("content-location", ""),
                    new Field("content-range", ""),
                    new Field("content-type", ""),
                    new Field("cookie", ""),
                    new Field("date", ""),
                    new Field("etag", ""),
                    new Field("expect", ""),
                    new Field("expires", ""),
                    new Field("from", ""),
                    new Field("host", ""),
                    new Field("if-match", ""),
                    new Field("if-modified-since", ""),
                    new Field("if-none-match", ""),
                    new Field("if-range", ""),
                    new Field("if-unmodified-since", ""),
                    new Field("last-modified", ""),
                    new Field("link", ""),
                    new Field("location", ""),
                    new Field("max-forwards", ""),
                    new Field("proxy-authenticate", ""),
                    new Field("proxy-authorization", ""),
                    new Field("range", ""),
                    new Field("referer", ""),
                    new Field("refresh", ""),
                    new Field("retry-after", ""),
                    new Field("server", ""),
                    new Field("set-cookie", ""),
                    new Field("strict-transport-security", ""),
                    new Field("transfer-encoding", ""),
                    new Field("user-agent", ""),
                    new Field("vary", ""),
                    new Field("via", ""),
                    new Field("www-authenticate", ""));

    private final List<Field> dynamicTable = new ArrayList<>(); // newest first
    private int tableBytes = TABLE_BYTES; // what the encoder uses of it

    private record Field(String name, String value) {
        int size() {
            return name.length() + value.length() + ENTRY_OVERHEAD;
        }
    }

    /**
     * {@return the fields of a complete header block, by their name in lower case; of a repeated
     * field the last one}
     *
     * @throws ProtocolException if it is not valid
     */
    public Map<String, String> decode(byte[] block) throws ProtocolException {
        var fields = new LinkedHashMap<String, String>();
        ByteBuffer in = ByteBuffer.wrap(block);
        while (in.hasRemaining()) {
            int first = in.get() & 0xff;
            if (first >= 0x80) { // 6.1: indexed
                Field field = field(integer(in, first, 7));
                fields.put(field.name, field.value);
            } else if (first >= 0x40) { // 6.2.1: literal, to be entered into the table
                Field field = literal(in, integer(in, first, 6));
                fields.put(field.name, field.value);
                dynamicTable.addFirst(field);
                evict();
            } else if (first >= 0x20) { // 6.3: the table changes its size
                tableBytes = integer(in, first, 5);
                if (tableBytes > TABLE_BYTES) {
                    throw new ProtocolException("the header table grows to " + tableBytes);
                }
                evict();
            } else { // 6.2.2 and 6.2.3: literal
                Field field = literal(in, integer(in, first, 4));
                fields.put(field.name, field.value);
            }
        }
        return fields;
    }

    private Field literal(ByteBuffer in, int index) throws ProtocolException {
        String name = index == 0 ? string(in) : field(index).name;
        return new Field(name, string(in));
    }

    private Field field(int index) throws ProtocolException {
        int dynamic = index - 1 - STATIC_TABLE.size();
        if (index < 1 || dynamic >= dynamicTable.size()) {
            throw new ProtocolException("no header field has the index " + index);
        }
        return dynamic < 0 ? STATIC_TABLE.get(index - 1) : dynamicTable.get(dynamic);
    }

    private void evict() {
        int size = dynamicTable.stream().mapToInt(Field::size).sum();
        while (size > tableBytes) {
            size -= dynamicTable.removeLast().size();
        }
    }

    /** Section 5.1: an integer of which {@code first} holds the first bits. */
    private static int integer(ByteBuffer in, int first, int prefixBits) throws ProtocolException {
        int max = (1 << prefixBits) - 1;
        int value = first & max;
        if (value < max) {
            return value;
        }
        int next;
        int shift = 0;
        do {
            next = octet(in);
            value += (next & 0x7f) << shift;
            shift += 7;
            if (value > MAX_INTEGER || shift > 28) {
                throw new ProtocolException("an integer in a header block is too large");
            }
        } while (next >= 0x80);
        return value;
    }

    /** Section 5.2: a string, one character for each of its bytes. */
    private static String string(ByteBuffer in) throws ProtocolException {
        int first = octet(in);
        int length = integer(in, first, 7);
        if (length > in.remaining()) {
            throw new ProtocolException("a string is longer than its header block");
        }
        var bytes = new byte[length];
        in.get(bytes);
        return new String(
                first >= 0x80 ? HuffmanCode.decode(bytes) : bytes, StandardCharsets.ISO_8859_1);
    }

    private static int octet(ByteBuffer in) throws ProtocolException {
        if (!in.hasRemaining()) {
            throw new ProtocolException("a header block ends in the middle of a field");
        }
        return in.get() & 0xff;
    }
}
