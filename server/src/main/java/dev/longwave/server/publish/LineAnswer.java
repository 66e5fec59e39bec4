package dev.longwave.server.publish;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.longwave.server.http.Fields;
import dev.longwave.server.http.Json;
import dev.longwave.server.http.ProblemException;
import dev.longwave.server.http.Responses;
import dev.longwave.server.http.StreamHeaders;
import dev.longwave.server.net.helidon.Exchange;
import io.helidon.http.HeaderNames;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The answer to a line-by-line request: one JSON object at its end; or, for a publisher that asks
 * for lines, an object each time when all that has come so far is published. For one thread at a
 * time.
 */
final class LineAnswer {
    /*
     * The response begins with the first progress, not with the request: a request that is refused for its first
     * line gets the status of the problem.
     */
    private final ServerRequest request;
    private final ServerResponse response;
    private final boolean inLines;
    private @Nullable OutputStream out; // once it has begun

    LineAnswer(ServerRequest request, ServerResponse response) {
        this.request = request;
        this.response = response;
        this.inLines =
                Fields.values(request, HeaderNames.ACCEPT).stream()
                                .flatMap(value -> Stream.of(value.split(",", -1)))
                                .map(range -> range.split(";", 2)[0].strip())
                                .anyMatch(LineTypes::isOne)
                        && Exchange.of(request).canAnswerEarly();
    }

    /** Whether the publisher asks for lines, and can read them before its request ends. */
    boolean isInLines() {
        return inLines;
    }

    /** Tells how far the request has come. Only if the publisher asks for lines. */
    void progress(ObjectNode tally) {
        writeLine(tally);
    }

    /** Tells how far it came in the end. */
    void end(ObjectNode tally) {
        if (inLines) {
            writeLine(tally);
            close();
        } else {
            Responses.json(request, response, 200, tally);
        }
    }

    /** Tells why it ends here: by the status, if that is still possible. */
    void refuse(ProblemException problem) {
        if (out == null) {
            throw problem;
        }
        writeLine(problem.problem().json());
        close();
    }

    private void writeLine(ObjectNode line) {
        try {
            OutputStream stream = out;
            if (stream == null) {
                StreamHeaders.set(response, LineTypes.NDJSON);
                Exchange.of(request).answerEarly();
                stream = response.outputStream();
                out = stream;
            }
            stream.write(Json.line(line));
            stream.flush();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void close() {
        OutputStream stream = out;
        if (stream != null) {
            try {
                stream.close();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }
}
