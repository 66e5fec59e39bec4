package dev.longwave.broker.nats;

import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.function.IntPredicate;

/** Percent-encoding: bytes that are not allowed become {@code %} and two hexadecimal digits. */
final class PercentEncoding {

    private static final HexFormat HEX = HexFormat.of().withUpperCase();
    private static final char MARK = '%';

    private PercentEncoding() {}

    /**
     * {@return {@code text} with all UTF-8 bytes encoded except those that {@code plain} accepts}
     */
    static String encode(String text, IntPredicate plain) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        var encoded = new StringBuilder(bytes.length + 16);
        for (byte b : bytes) {
            if (b > 0 && b != MARK && plain.test(b)) {
                encoded.append((char) b);
            } else {
                encoded.append(MARK);
                HEX.toHexDigits(encoded, b);
            }
        }
        return encoded.toString();
    }

    /** {@return the decoded text; a percent sign without two digits stands for itself} */
    static String decode(String encoded) {
        if (encoded.indexOf(MARK) < 0) {
            return encoded;
        }
        byte[] from = encoded.getBytes(StandardCharsets.UTF_8);
        var bytes = new byte[from.length];
        int length = 0;
        for (int i = 0; i < from.length; i++) {
            boolean marked =
                    from[i] == MARK
                            && i + 2 < from.length
                            && HexFormat.isHexDigit(from[i + 1])
                            && HexFormat.isHexDigit(from[i + 2]);
            if (marked) {
                int high = HexFormat.fromHexDigit(from[++i]);
                bytes[length++] = (byte) (high << 4 | HexFormat.fromHexDigit(from[++i]));
            } else {
                bytes[length++] = from[i];
            }
        }
        return new String(bytes, 0, length, StandardCharsets.UTF_8);
    }
}
