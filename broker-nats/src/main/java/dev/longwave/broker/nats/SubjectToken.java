package dev.longwave.broker.nats;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;

/** Encodes any text as one token of a subject or key. Different texts have different tokens. */
final class SubjectToken {
    /*
     * Base64 of the UTF-8 bytes, in the URL alphabet and without padding: letters, digits, "-", and
     * "_", which are allowed in subjects, keys, and permissions, and no dot, star, or dollar sign. The
     * empty text has no token. A text with a lone surrogate has no UTF-8 form and is refused, because
     * a replacement character would give two texts the same token.
     */
    private SubjectToken() {}

    /**
     * {@return the token for {@code text}}
     *
     * @throws IllegalArgumentException if it is empty or has a lone surrogate
     */
    static String of(String text) {
        if (text.isEmpty()) {
            throw new IllegalArgumentException("an empty text has no token");
        }
        try {
            ByteBuffer utf8 = StandardCharsets.UTF_8.newEncoder().encode(CharBuffer.wrap(text));
            byte[] bytes = new byte[utf8.remaining()];
            utf8.get(bytes);
            return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
        } catch (CharacterCodingException e) {
            throw new IllegalArgumentException(
                    "a text with a lone surrogate has no token length=" + text.length(), e);
        }
    }

    /**
     * {@return the text that {@code token} encodes}
     *
     * @throws IllegalArgumentException if it is not a token
     */
    static String text(String token) {
        byte[] bytes = Base64.getUrlDecoder().decode(token);
        try {
            return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
        } catch (CharacterCodingException e) {
            throw new IllegalArgumentException("not a token length=" + token.length(), e);
        }
    }
}
