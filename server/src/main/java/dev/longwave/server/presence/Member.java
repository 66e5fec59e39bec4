package dev.longwave.server.presence;

import com.fasterxml.jackson.databind.JsonNode;
import dev.longwave.broker.Presence;
import dev.longwave.server.http.Json;
import java.nio.charset.StandardCharsets;

/**
 * A connection that is in a topic.
 *
 * @param connection its ID, unique in the deployment, 1 to 128 characters. Others can read it
 * @param user who it is, up to 256 characters; empty for a client that has not signed in, which is
 *     then a user of its own
 * @param info what to tell others about it: one JSON value as text, up to {@value #MAX_INFO_BYTES}
 *     bytes of UTF-8; empty for nothing
 */
public record Member(String connection, String user, String info) {

    /** The largest info, in bytes of UTF-8. */
    public static final int MAX_INFO_BYTES = 1 << 10;

    private static final int MAX_USER_LENGTH = 256;

    /**
     * @throws dev.longwave.server.http.ProblemException if the info or the user is too long, or the
     *     info is not JSON: clients may have a say in them
     */
    public Member {
        if (connection.isEmpty() || connection.length() > Presence.Member.MAX_ID_LENGTH) {
            throw new IllegalArgumentException(
                    "the ID of a connection has a bad length length=" + connection.length());
        }
        if (user.length() > MAX_USER_LENGTH) {
            throw Refusals.userTooLong(MAX_USER_LENGTH).exception();
        }
        if (!info.isEmpty()) {
            byte[] bytes = info.getBytes(StandardCharsets.UTF_8);
            if (bytes.length > MAX_INFO_BYTES) {
                throw Refusals.infoTooLarge(MAX_INFO_BYTES).exception();
            }
            info = compact(bytes);
        }
    }

    /** So that what is sent on is JSON, on one line. */
    private static String compact(byte[] info) {
        try {
            JsonNode value = Json.parse(info, 0, info.length);
            if (value.isMissingNode()) {
                throw new IllegalArgumentException("there is no value");
            }
            return value.toString();
        } catch (IllegalArgumentException _) {
            throw Refusals.infoMalformed().exception();
        }
    }

    /** {@return what the connections of one user have in common} */
    String userKey() {
        return user.isEmpty() ? '\0' + connection : user;
    }

    /** Without what may be personal. */
    @Override
    public String toString() {
        return "Member[connection=" + connection + "]";
    }
}
