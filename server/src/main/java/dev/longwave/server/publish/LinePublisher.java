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
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Publishes one event per line of a request, as the lines come: log tails, tokens.
 *
 * <p>Each line is one JSON object. The answer, when the body ends, says how many were accepted; a
 * bad line ends it with a problem that says so too, so that the publisher knows exactly where it
 * stands.
 */
final class LinePublisher {

    /** What JSON may add to data: escapes of up to six bytes for one, and the other members. */
    private static final int JSON_FACTOR = 6;

    private static final int JSON_MEMBERS = 8 << 10;
    private static final String NDJSON = "application/x-ndjson";

    private final Publishing publishing;
    private final int maxLineBytes;

    LinePublisher(Publishing publishing) {
        this.publishing = publishing;
        this.maxLineBytes = publishing.settings().maxDataBytes() * JSON_FACTOR + JSON_MEMBERS;
    }

    /** Whether {@code request} has an event per line. */
    static boolean isFor(ServerRequest request) {
        return ContentType.of(request).filter(type -> type.essence().equals(NDJSON)).isPresent();
    }

    /**
     * Publishes what {@code reading} makes of each line, as the lines come.
     *
     * @param client whose right is checked with each line: it may end while they come
     * @return the answer
     */
    ObjectNode publish(
            ServerRequest request, Identity client, Function<JsonNode, Outgoing> reading) {
        return publishing.platformThreads().call(() -> publishHere(request, client, reading));
    }

    private ObjectNode publishHere(
            ServerRequest request, Identity client, Function<JsonNode, Outgoing> reading) {
        var tally = new Tally();
        Memory memory = publishing.memory();
        try (InputStream body = Content.of(request, memory)) {
            // A line is sent when there is one, so a client may pause between two of them.
            try (Allowance buffer = memory.forRequest(request);
                    Allowance tree = memory.forRequest(request);
                    var lines =
                            new LineReader(
                                    body,
                                    maxLineBytes,
                                    buffer,
                                    Exchange.of(request)::allowPauses)) {
                LineReader.Line line;
                while ((line = tally.next(lines)) != null) {
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
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return tally.answer();
    }

    private Optional<Published> published(Outgoing event, Identity client) {
        publishing.check().accept(event.topic(), event.message());
        return publishing.accepted(client, event).publishTo(publishing.hub());
    }

    private static JsonNode parsed(LineReader.Line line, Allowance tree) {
        try {
            return Json.parse(line.bytes(), line.offset(), line.length(), tree);
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
        private @Nullable Published last;
        private String lastTopic = "";

        LineReader.@Nullable Line next(LineReader lines) throws IOException {
            line++;
            return lines.next();
        }

        void add(String topic, Optional<Published> answer) {
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

        ObjectNode answer() {
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
