package dev.longwave.server.ws;

/** Checks UTF-8 as it arrives, so that bad text is refused at its first bad byte: RFC 3629. */
final class Utf8Check {
    /*
     * After a lead byte, `left` continuation bytes follow, the first of them between `least` and `most`: this
     * is what rules out overlong forms, surrogates, and what is beyond U+10FFFF.
     */
    private static final int LEAST = 0x80;
    private static final int MOST = 0xbf;

    private int left;
    private int least = LEAST;
    private int most = MOST;

    /** Whether {@code bytes} go on with what came before. Not to be used after it said no. */
    boolean accepts(byte[] bytes, int from, int to) {
        int at = from;
        while (at < to) {
            if (left == 0 && bytes[at] >= 0) {
                at++;
            } else if (!accept(bytes[at++] & 0xff)) {
                return false;
            }
        }
        return true;
    }

    private boolean accept(int b) {
        if (left > 0) {
            boolean right = b >= least && b <= most;
            left--;
            least = LEAST;
            most = MOST;
            return right;
        }
        if (b >= 0xc2 && b <= 0xdf) {
            left = 1;
        } else if (b >= 0xe0 && b <= 0xef) {
            left = 2;
            least = b == 0xe0 ? 0xa0 : LEAST;
            most = b == 0xed ? 0x9f : MOST;
        } else if (b >= 0xf0 && b <= 0xf4) {
            left = 3;
            least = b == 0xf0 ? 0x90 : LEAST;
            most = b == 0xf4 ? 0x8f : MOST;
        } else {
            return false;
        }
        return true;
    }

    /** Whether what came is whole; begins anew. */
    boolean end() {
        boolean whole = left == 0;
        left = 0;
        least = LEAST;
        most = MOST;
        return whole;
    }
}
