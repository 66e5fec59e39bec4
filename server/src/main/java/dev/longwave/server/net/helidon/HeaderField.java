package dev.longwave.server.net.helidon;

/**
 * A line of a header block. Each character is a byte: ISO-8859-1, whatever the client means by it.
 */
record HeaderField(String name, String value) {

    private static final int OVERHEAD = 32;

    /** Its size as {@code SETTINGS_MAX_HEADER_LIST_SIZE} counts: RFC 9113, section 6.5.2. */
    int size() {
        return name.length() + value.length() + OVERHEAD;
    }

    boolean isPseudo() {
        return name.startsWith(":");
    }
}
