package dev.longwave.server.net.helidon;

import java.io.ByteArrayOutputStream;
import java.util.Arrays;
import java.util.Base64;
import org.jspecify.annotations.Nullable;

/** The settings in a request to upgrade to HTTP/2: RFC 7540, section 3.2.1. */
final class UpgradeSettings {
    /*
     * Helidon 4.5.0 answers 500 if they are not valid, and loses its place at a setting that it does not know
     * (Http2Settings.create), which section 6.5.2 says to ignore. So those are taken out.
     */
    private static final int SETTING_BYTES = 6;
    private static final int ENABLE_PUSH = 2;
    private static final int INITIAL_WINDOW_SIZE = 4;
    private static final int MAX_FRAME_SIZE = 5;
    private static final int LAST_KNOWN = 6;
    private static final long LEAST_FRAME_SIZE = 1 << 14;
    private static final long LARGEST_FRAME_SIZE = (1 << 24) - 1;

    private UpgradeSettings() {}

    /** The value for the engine, or null if it must not see any. */
    static byte @Nullable [] normalised(byte[] bytes, int from, int to) {
        byte[] all;
        try {
            all = Base64.getUrlDecoder().decode(Arrays.copyOfRange(bytes, from, to));
        } catch (IllegalArgumentException _) {
            return null;
        }
        if (all.length % SETTING_BYTES != 0) {
            return null;
        }
        var known = new ByteArrayOutputStream();
        for (int i = 0; i < all.length; i += SETTING_BYTES) {
            int id = (int) number(all, i, 2);
            if (!isValid(id, number(all, i + 2, 4))) {
                return null;
            }
            if (id >= 1 && id <= LAST_KNOWN) {
                known.write(all, i, SETTING_BYTES);
            }
        }
        return known.size() == 0
                ? null
                : Base64.getUrlEncoder().withoutPadding().encode(known.toByteArray());
    }

    private static boolean isValid(int id, long value) {
        return switch (id) {
            case ENABLE_PUSH -> value <= 1;
            case INITIAL_WINDOW_SIZE -> value <= Integer.MAX_VALUE;
            case MAX_FRAME_SIZE -> value >= LEAST_FRAME_SIZE && value <= LARGEST_FRAME_SIZE;
            default -> true;
        };
    }

    private static long number(byte[] bytes, int at, int length) {
        long number = 0;
        for (int i = at; i < at + length; i++) {
            number = number << 8 | (bytes[i] & 0xff);
        }
        return number;
    }
}
