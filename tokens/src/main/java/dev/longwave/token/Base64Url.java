package dev.longwave.token;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Optional;

/** Base64url as RFC 7515 has it: no padding, no white space, and one text for each value. */
final class Base64Url {

    private static final Base64.Encoder ENCODER = Base64.getUrlEncoder().withoutPadding();
    private static final Base64.Decoder DECODER = Base64.getUrlDecoder();

    private Base64Url() {}

    static String encode(byte[] bytes) {
        return ENCODER.encodeToString(bytes);
    }

    /** {@return the bytes, or nothing if the text is not what encoding them gives} */
    static Optional<byte[]> decode(String text) {
        byte[] bytes;
        try {
            // Beyond Latin-1 the decoder would see question marks, which it refuses.
            bytes = DECODER.decode(text.getBytes(StandardCharsets.ISO_8859_1));
        } catch (IllegalArgumentException _) {
            return Optional.empty();
        }
        return encode(bytes).equals(text) ? Optional.of(bytes) : Optional.empty();
    }
}
