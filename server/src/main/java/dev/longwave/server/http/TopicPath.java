package dev.longwave.server.http;

import dev.longwave.core.TopicName;
import io.helidon.webserver.http.ServerRequest;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/** The topic or pattern that a path names: everything after the first segment, percent-decoded. */
public final class TopicPath {
    private TopicPath() {}

    /**
     * {@return the valid topic in the path of {@code request}}
     *
     * @throws dev.longwave.core.InvalidTopicException if it breaks a rule
     * @throws dev.longwave.server.problem.ProblemException if there is none, or it is not
     *     percent-encoded UTF-8
     */
    public static String topic(ServerRequest request) {
        return TopicName.checked(name(request).orElseThrow(() -> Problem.noTopic().exception()));
    }

    /**
     * {@return what the path of {@code request} names, if anything}
     *
     * @throws dev.longwave.server.problem.ProblemException if it is not percent-encoded UTF-8
     */
    static Optional<String> name(ServerRequest request) {
        String path = request.prologue().uriPath().rawPath();
        int slash = path.indexOf('/', 1);
        if (slash < 0 || slash == path.length() - 1) {
            return Optional.empty();
        }
        return Optional.of(decoded(path.substring(slash + 1)));
    }

    static String decoded(String raw) {
        if (raw.indexOf('%') < 0) {
            return raw;
        }
        var bytes = new ByteArrayOutputStream(raw.length());
        for (int i = 0; i < raw.length(); i++) {
            char c = raw.charAt(i);
            if (c != '%') {
                bytes.writeBytes(Character.toString(c).getBytes(StandardCharsets.UTF_8));
                continue;
            }
            int high = i + 2 < raw.length() ? Character.digit(raw.charAt(i + 1), 16) : -1;
            int low = i + 2 < raw.length() ? Character.digit(raw.charAt(i + 2), 16) : -1;
            if (high < 0 || low < 0) {
                throw malformed();
            }
            bytes.write(high << 4 | low);
            i += 2;
        }
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes.toByteArray()))
                    .toString();
        } catch (CharacterCodingException _) {
            throw malformed();
        }
    }

    private static RuntimeException malformed() {
        return Problem.malformedParameter("topic", "topic is not percent-encoded UTF-8")
                .exception();
    }
}
