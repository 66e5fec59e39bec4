package dev.longwave.hostile;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.regex.Pattern;

/**
 * What a fuzzer sends over one connection.
 *
 * @param protocol how to read what comes back
 * @param units the bytes, in units that may be left out to make it smaller: lines, or frames
 * @param ends whether the client says that nothing more will come, and is owed the end of the
 *     connection; or else waits for a first answer
 */
record FuzzInput(Protocol protocol, List<byte[]> units, boolean ends) {

    private static final int SHOWN_CHARACTERS = 2_000;

    /** Other bytes are in between where a header block is in several frames. */
    private static final Pattern HEAD =
            Pattern.compile("H.{0,60}?E.{0,60}?A.{0,60}?D", Pattern.DOTALL);

    /** What the client speaks. */
    enum Protocol {
        HTTP_1,
        HTTP_2
    }

    FuzzInput {
        units = List.copyOf(units);
    }

    FuzzInput with(List<byte[]> others) {
        return new FuzzInput(protocol, others, ends);
    }

    byte[] bytes() {
        var all = new ByteArrayOutputStream();
        units.forEach(all::writeBytes);
        return all.toByteArray();
    }

    /** {@return whether a response may be one to HEAD} */
    boolean mentionsHead() {
        return HEAD.matcher(new String(bytes(), StandardCharsets.ISO_8859_1)).find();
    }

    /** {@return it in one word, for {@link #parse}} */
    String word() {
        return protocol + ":" + ends + ":" + Base64.getEncoder().encodeToString(bytes());
    }

    static FuzzInput parse(String word) {
        String[] parts = word.split(":", 3);
        return new FuzzInput(
                Protocol.valueOf(parts[0]),
                List.of(Base64.getDecoder().decode(parts[2])),
                Boolean.parseBoolean(parts[1]));
    }

    /** For people. */
    @Override
    public String toString() {
        var text = new StringBuilder();
        for (byte b : bytes()) {
            char c = (char) (b & 0xff);
            switch (c) {
                case '\r' -> text.append("\\r");
                case '\n' -> text.append("\\n");
                case '\\' -> text.append("\\\\");
                default ->
                        text.append(
                                c >= ' ' && c <= '~'
                                        ? String.valueOf(c)
                                        : "\\x%02x".formatted((int) c));
            }
            if (text.length() > SHOWN_CHARACTERS) {
                return text.append("...").toString();
            }
        }
        return text.toString();
    }
}
