package dev.longwave.server.net.helidon;

/** The host and port that a request is for: RFC 3986, section 3.2. */
final class Host {

    private static final int MAX_PORT = 65_535;
    private static final boolean[] NAME =
            Ascii.table(
                    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                            + "-._~!$&'()*+,;=%");
    private static final boolean[] LITERAL =
            Ascii.table("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~:");

    private Host() {}

    /** Whether a part of {@code bytes} is a host, and perhaps a port; not empty, without user. */
    static boolean isValid(byte[] bytes, int from, int to) {
        int end = from;
        if (from < to && bytes[from] == '[') {
            end = end(bytes, from + 1, to, LITERAL);
            if (end == from + 1 || end == to || bytes[end] != ']') {
                return false;
            }
            end++;
        } else {
            end = end(bytes, from, to, NAME);
            if (end == from) {
                return false;
            }
        }
        return end == to || (bytes[end] == ':' && isPort(bytes, end + 1, to));
    }

    private static int end(byte[] bytes, int from, int to, boolean[] allowed) {
        int i = from;
        while (i < to && bytes[i] >= 0 && allowed[bytes[i]]) {
            i++;
        }
        return i;
    }

    private static boolean isPort(byte[] bytes, int from, int to) {
        int port = 0;
        for (int i = from; i < to; i++) {
            if (bytes[i] < '0' || bytes[i] > '9') {
                return false;
            }
            port = 10 * port + bytes[i] - '0';
            if (port > MAX_PORT) {
                return false;
            }
        }
        return true;
    }
}
