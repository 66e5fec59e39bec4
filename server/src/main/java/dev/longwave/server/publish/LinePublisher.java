package dev.longwave.server.publish;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.longwave.broker.BrokerUnavailableException;
import dev.longwave.broker.MessageRefusedException;
import dev.longwave.broker.Published;
import dev.longwave.core.EventId;
import dev.longwave.core.InvalidTopicException;
import dev.longwave.server.auth.Identity;
import dev.longwave.server.http.Allowance;
import dev.longwave.server.http.Content;
import dev.longwave.server.http.ContentType;
import dev.longwave.server.http.Json;
import dev.longwave.server.http.Memory;
import dev.longwave.server.http.Problem;
import dev.longwave.server.http.ProblemException;
import dev.longwave.server.net.RequestFaultException;
import dev.longwave.server.net.helidon.Exchange;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Publishes one event per line of a request, as the lines come: log tails, tokens.
 *
 * <p>Each line is one JSON object. The answer says how many were accepted, when the body ends, or
 * when the server stops; a bad line ends it with a problem that says so too, so that the publisher
 * knows exactly where it stands. A publisher that asks for it learns that while it is sending, too.
 */
final class LinePublisher {

    /** What JSON may add to data: escapes of up to six bytes for one, and the other members. */
    private static final int JSON_FACTOR = 6;

    private static final int JSON_MEMBERS = 8 << 10;

    private final Publishing publishing;
    private final int maxLineBytes;

    LinePublisher(Publishing publishing) {
        this.publishing = publishing;
        this.maxLineBytes = publishing.settings().maxDataBytes() * JSON_FACTOR + JSON_MEMBERS;
    }

    /** Whether a body of this type has an event per line. */
    static boolean isFor(ContentType type) {
        return LineTypes.isOne(type.essence());
    }

    /**
     * Publishes what {@code reading} makes of each line, as the lines come, and answers.
     *
     * @param client whose right is checked with each line: it may end while they come
     */
    void publish(
            ServerRequest request,
            ServerResponse response,
            Identity client,
            Function<JsonNode, Outgoing> reading) {
        var answer = new LineAnswer(request, response);
        try {
            ObjectNode tally =
                    publishing
                            .platformThreads()
                            .call(() -> publishHere(request, answer, client, reading));
            answer.end(tally);
        } catch (ProblemException e) {
            answer.refuse(e);
        }
    }

    private ObjectNode publishHere(
            ServerRequest request,
            LineAnswer answer,
            Identity client,
            Function<JsonNode, Outgoing> reading) {
        var tally = new Tally();
        Exchange exchange = Exchange.of(request);
        Memory memory = publishing.memory();
        try (var underWay = publishing.lines().begin(exchange::stopBody);
                InputStream body = Content.of(request, memory)) {
            // A line is sent when there is one, so a client may pause between two of them.
            try (Allowance buffer = memory.forRequest(request);
                    Allowance tree = memory.forRequest(request);
                    var lines = new LineReader(body, maxLineBytes, buffer, exchange::allowPauses)) {
                LineReader.Line line;
                while (!underWay.isStopped() && (line = tally.next(lines, answer)) != null) {
                    if (!line.isBlank()) {
                        Outgoing event = reading.apply(parsed(line, tree));
                        tree.giveBack(); // it is garbage now
                        client.checkPublish(event.topic());
                        client.countPublish(event.message().data().length);
                        tally.add(event.topic(), published(event, client));
                    }
                }
            } catch (LineReader.LineTooLongException _) {
                throw tally.refusal(Problem.bodyTooLarge(maxLineBytes));
            } catch (RequestFaultException e) {
                if (underWay.isStopped()) {
                    return tally.answer(false);
                }
                throw tally.refusal(Problem.of(e.fault()));
            } catch (ProblemException e) {
                throw tally.refusal(e.problem());
            } catch (InvalidTopicException e) {
                throw tally.refusal(Problem.invalidTopic(e));
            } catch (MessageRefusedException e) {
                throw tally.refusal(Problem.refused(e));
            } catch (BrokerUnavailableException e) {
                throw tally.refusal(Problem.brokerUnavailable(e));
            }
            return tally.answer(!underWay.isStopped());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private Optional<Published> published(Outgoing event, Identity client) {
        publishing.check().accept(event.topic(), event.message());
        return publishing.accepted(client, event).publishTo(publishing.hub());
    }

    private static JsonNode parsed(LineReader.Line line, Allowance tree) {
        int separator = line.bytes()[line.offset()] == LineReader.RECORD_SEPARATOR ? 1 : 0;
        try {
            return Json.parse(
                    line.bytes(), line.offset() + separator, line.length() - separator, tree);
        } catch (IllegalArgumentException e) {
            throw Problem.malformedJson(e.getMessage() == null ? "not valid JSON" : e.getMessage())
                    .exception();
        }
    }

    /** How far a request has come. */
    private static final class Tally {
        private long line;
        private long published;
        private long duplicates;
        private long ephemeral; // of those published
        private boolean untold;
        private @Nullable Published last;
        private String lastTopic = "";

        /** Waits for the next line, after telling the publisher of those before. */
        LineReader.@Nullable Line next(LineReader lines, LineAnswer answer) throws IOException {
            if (answer.isInLines() && untold && !lines.hasLine()) {
                untold = false;
                answer.progress(soFar());
            }
            line++;
            return lines.next();
        }

        void add(String topic, Optional<Published> answer) {
            untold = true;
            if (answer.isEmpty()) {
                ephemeral++;
                published++;
                return;
            }
            Published accepted = answer.get();
            last = accepted;
            lastTopic = topic;
            if (accepted.duplicate()) {
                duplicates++;
            } else {
                published++;
            }
        }

        ProblemException refusal(Problem problem) {
            return problem.with("line", line)
                    .with("published", published)
                    .with("duplicates", duplicates)
                    .exception();
        }

        /**
         * @param complete whether the body was read to its end
         */
        ObjectNode answer(boolean complete) {
            return soFar().put("complete", complete);
        }

        private ObjectNode soFar() {
            ObjectNode answer =
                    Json.object().put("published", published).put("duplicates", duplicates);
            if (ephemeral > 0) {
                answer.put("ephemeral", ephemeral);
            }
            Published accepted = last;
            return accepted == null
                    ? answer.putNull("lastId")
                    : answer.put("lastId", EventId.of(lastTopic, accepted.position()))
                            .put("durability", accepted.durability().word());
        }
    }
}
