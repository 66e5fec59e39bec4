package dev.longwave.broker.memory;

/** What the characters of a string take in the heap. */
final class Characters {
    private Characters() {}

    /** {@return the bytes for the characters of {@code text}: one for each in Latin-1, else two} */
    static int bytes(String text) {
        for (int i = 0; i < text.length(); i++) {
            if (text.charAt(i) > 0xff) {
                return 2 * text.length();
            }
        }
        return text.length();
    }
}
