package dev.longwave.server.net.helidon;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/**
 * Writes header blocks without compression: RFC 7541, section 6.2.2.
 *
 * <p>For Helidon's decoder, which loops for ever when an entry is larger than its dynamic table: so
 * nothing is ever entered there. It refuses pseudo-headers whose name is spelled out, which is why
 * those refer to the static table.
 */
final class LiteralHeaders {

    private static final int MAX_IN_PREFIX = 127;

    private final ByteArrayOutputStream block = new ByteArrayOutputStream(512);

    LiteralHeaders add(String name, String value) {
        int index = staticIndex(name);
        block.write(index); // without indexing, and with this name; 0 for one that follows
        if (index == 0) {
            string(name);
        }
        string(value);
        return this;
    }

    /** RFC 7541, appendix A. */
    private static int staticIndex(String name) {
        return switch (name) {
            case ":authority" -> 1;
            case ":method" -> 2;
            case ":path" -> 4;
            case ":scheme" -> 6;
            default -> 0;
        };
    }

    /** RFC 7541, section 5.2. */
    private void string(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.ISO_8859_1);
        int rest = bytes.length - MAX_IN_PREFIX;
        if (rest < 0) {
            block.write(bytes.length);
        } else {
            block.write(MAX_IN_PREFIX);
            for (; rest >= 128; rest >>>= 7) {
                block.write((rest & 127) | 128);
            }
            block.write(rest);
        }
        block.writeBytes(bytes);
    }

    byte[] bytes() {
        return block.toByteArray();
    }
}
