package dev.longwave.server.ws;

import dev.longwave.core.CloseReason;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Why a WebSocket ends, as its client is told: RFC 6455, section 7.4.
 *
 * @param code the status code; {@link #NONE} for none
 * @param reason a few words; cut off after 123 bytes of UTF-8
 */
public record CloseStatus(int code, String reason) {

    static final int NONE = 1005; // never sent: RFC 6455, section 7.4.1
    static final int NORMAL = 1000;
    static final int GOING_AWAY = 1001;
    static final int PROTOCOL_ERROR = 1002;
    static final int NOT_UTF_8 = 1007;
    static final int POLICY_VIOLATION = 1008;
    static final int TOO_BIG = 1009;
    static final int INTERNAL_ERROR = 1011;
    static final int SERVICE_RESTART = 1012;
    static final int TRY_AGAIN_LATER = 1013;

    private static final int MAX_REASON_BYTES = 123;

    /** {@return the frame that tells the client} */
    public byte[] frame() {
        if (code == NONE) {
            return ServerFrame.of(Opcode.CLOSE, new byte[0]);
        }
        byte[] words = cut(reason.getBytes(StandardCharsets.UTF_8));
        byte[] payload = new byte[2 + words.length];
        payload[0] = (byte) (code >>> 8);
        payload[1] = (byte) code;
        System.arraycopy(words, 0, payload, 2, words.length);
        return ServerFrame.of(Opcode.CLOSE, payload);
    }

    private static byte[] cut(byte[] utf8) {
        int length = Math.min(utf8.length, MAX_REASON_BYTES);
        while (length < utf8.length && (utf8[length] & 0xc0) == 0x80) {
            length--; // not within a character
        }
        return Arrays.copyOf(utf8, length);
    }

    /** Whether a client may send this code. */
    static boolean isValid(int code) {
        return (code >= NORMAL && code <= 1003)
                || (code >= NOT_UTF_8 && code <= 1014)
                || (code >= 3000 && code <= 4999);
    }

    /** {@return what a client of the raw endpoint is told of a stream that ended by itself} */
    static CloseStatus of(CloseReason reason, long retryMillis) {
        return switch (reason) {
            case ENDED -> new CloseStatus(NORMAL, "ended");
            case SHUTDOWN, MOVED -> new CloseStatus(SERVICE_RESTART, "retry=" + retryMillis);
            case EXPIRED -> new CloseStatus(POLICY_VIOLATION, "expired");
            case REVOKED -> new CloseStatus(POLICY_VIOLATION, "revoked");
            case TOO_SLOW -> new CloseStatus(POLICY_VIOLATION, "too-slow");
            case BROKER_UNAVAILABLE -> new CloseStatus(TRY_AGAIN_LATER, "broker-unavailable");
            case CLIENT_CLOSED, CLIENT_LEFT, WRITE_DEADLINE -> new CloseStatus(NORMAL, "");
            case FAILED, CLIENT_FAULT -> new CloseStatus(INTERNAL_ERROR, reason.word());
        };
    }
}
