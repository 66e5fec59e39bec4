package dev.longwave.broker.nats;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;

/** Any text as one token of a subject or a key. No two texts have the same token. */
final class SubjectToken {
    /*
     * Base 64 of the UTF-8, in the alphabet for addresses and without padding: letters, digits, "-"
     * and "_", which subjects, keys and every permission can hold, and no dot, star or dollar. The
     * empty text has no token. A text with half a surrogate pair has no UTF-8: it is refused, as a
     * replacement character would make two texts one.
     */
    private SubjectToken() {}

    /**
     * {@return the token for {@code text}}
     *
     * @throws IllegalArgumentException if it is empty or not Unicode
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
                    "a text with half a surrogate pair has no token length=" + text.length(), e);
        }
    }

    /**
     * {@return the text that {@code token} stands for}
     *
     * @throws IllegalArgumentException if it stands for none
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
