package dev.longwave.testing;

import java.io.ByteArrayOutputStream;
import java.net.ProtocolException;
import java.util.Comparator;
import java.util.stream.IntStream;

/** The Huffman code of HPACK: RFC 7541, section 5.2 and appendix B. */
final class HuffmanCode {
    /*
     * The code is canonical: codes of one length are consecutive numbers, in the order of their symbols, and continue
     * where the shorter ones end. So their lengths define them. n bits are a code if their value, less that of the
     * first code of n bits, is below the number of such codes.
     */

    /** The length in bits of each byte's code, then that of the symbol that ends a string. */
    private static final int[] LENGTHS = {
        13, 23, 28, 28, 28, 28, 28, 28, 28, 24, 30, 28, 28, 30, 28, 28, // 0x00
        28, 28, 28, 28, 28, 28, 30, 28, 28, 28, 28, 28, 28, 28, 28, 28, // 0x10
        6, 10, 10, 12, 13, 6, 8, 11, 10, 10, 8, 11, 8, 6, 6, 6, // 0x20
        5, 5, 5, 6, 6, 6, 6, 6, 6, 6, 7, 8, 15, 6, 12, 10, // 0x30
        13, 6, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, // 0x40
        7, 7, 7, 7, 7, 7, 7, 7, 8, 7, 8, 13, 19, 13, 14, 6, // 0x50
        15, 5, 6, 5, 6, 5, 6, 6, 6, 5, 7, 7, 6, 6, 6, 5, // 0x60
        6, 7, 6, 5, 5, 6, 7, 7, 7, 7, 7, 15, 11, 14, 13, 28, // 0x70
        20, 22, 20, 20, 22, 22, 22, 23, 22, 23, 23, 23, 23, 23, 24, 23, // 0x80
        24, 24, 22, 23, 24, 23, 23, 23, 23, 21, 22, 23, 22, 23, 23, 24, // 0x90
        22, 21, 20, 22, 22, 23, 23, 21, 23, 22, 22, 24, 21, 22, 23, 23, // 0xa0
        21, 21, 22, 21, 23, 22, 23, 23, 20, 22, 22, 22, 23, 22, 22, 23, // 0xb0
        26, 26, 20, 19, 22, 23, 22, 25, 26, 26, 26, 27, 27, 26, 24, 25, // 0xc0
        19, 21, 26, 27, 27, 26, 27, 24, 21, 21, 26, 26, 28, 27, 27, 27, // 0xd0
        20, 24, 20, 21, 22, 21, 21, 23, 22, 22, 25, 25, 24, 24, 26, 23, // 0xe0
        26, 27, 26, 26, 27, 27, 27, 27, 27, 28, 27, 27, 27, 27, 27, 26, // 0xf0
        30
    };

    private static final int END = 256;
    private static final int MAX_LENGTH = 30;
    private static final int MAX_PADDING = 7;

    /** All symbols, in the order of their codes. */
    private static final int[] SYMBOLS =
            IntStream.range(0, LENGTHS.length)
                    .boxed()
                    .sorted(Comparator.comparingInt(symbol -> LENGTHS[symbol]))
                    .mapToInt(Integer::intValue)
                    .toArray();

    /** How many symbols have a code of each length. */
    private static final int[] COUNTS = counts();

    private HuffmanCode() {}

    /** Decodes a string, whose padding is the beginning of the end symbol: ones. */
    static byte[] decode(byte[] encoded) throws ProtocolException {
        var decoded = new ByteArrayOutputStream(2 * encoded.length);
        int bits = 8 * encoded.length;
        int at = 0;
        while (at < bits) {
            int code = 0;
            int first = 0; // the first code of this length
            int index = 0; // of its symbol
            int length = 0;
            int symbol = -1;
            while (symbol < 0 && at + length < bits && length < MAX_LENGTH) {
                int bit = at + length;
                code = (code << 1) | ((encoded[bit / 8] >> (7 - bit % 8)) & 1);
                first <<= 1;
                length++;
                if (code - first < COUNTS[length]) {
                    symbol = SYMBOLS[index + code - first];
                }
                first += COUNTS[length];
                index += COUNTS[length];
            }
            if (symbol == END) {
                throw new ProtocolException("a string contains the end symbol");
            }
            if (symbol < 0) {
                if (length > MAX_PADDING || code != (1 << length) - 1) {
                    throw new ProtocolException("a string is padded with something else than ones");
                }
                break;
            }
            decoded.write(symbol);
            at += length;
        }
        return decoded.toByteArray();
    }

    private static int[] counts() {
        var counts = new int[MAX_LENGTH + 1];
        for (int length : LENGTHS) {
            counts[length]++;
        }
        return counts;
    }
}
