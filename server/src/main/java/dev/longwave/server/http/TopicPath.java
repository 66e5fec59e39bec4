package dev.longwave.server.http;

import dev.longwave.core.TopicName;
import io.helidon.webserver.http.ServerRequest;
import java.nio.charset.CharacterCodingException;
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
        try {
            return PercentEncoding.decoded(raw, false);
        } catch (CharacterCodingException _) {
            throw malformed();
        }
    }

    private static RuntimeException malformed() {
        return Problem.malformedParameter("topic", "topic is not percent-encoded UTF-8")
                .exception();
    }
}
