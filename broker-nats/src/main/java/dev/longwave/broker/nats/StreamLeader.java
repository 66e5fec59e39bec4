package dev.longwave.broker.nats;

import io.nats.client.Message;
import io.nats.client.api.MessageInfo;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/** Looks up single messages where they are newest: at the stream's leader. */
final class StreamLeader {

    private static final int NO_MESSAGE = 10037;

    private final Requests requests;
    private final String api;

    /**
     * A look-up.
     *
     * @param json as the server's API wants it
     */
    record Query(String json) {
        // Subjects hold nothing that JSON escapes: see Subjects and NatsSettings.

        /** For the first message of {@code subject} that is not before {@code sequence}. */
        static Query next(String subject, long sequence) {
            return new Query("{\"seq\":%d,\"next_by_subj\":\"%s\"}".formatted(sequence, subject));
        }

        /** For the first one of {@code subject} stored at {@code time} or later; server 2.11. */
        static Query since(String subject, Instant time) {
            return new Query(
                    "{\"start_time\":\"%s\",\"next_by_subj\":\"%s\"}".formatted(time, subject));
        }

        /** For the newest message of {@code subject}. */
        static Query last(String subject) {
            return new Query("{\"last_by_subj\":\"%s\"}".formatted(subject));
        }
    }

    StreamLeader(Requests requests, String stream) {
        this.requests = requests;
        this.api = "$JS.API.STREAM.MSG.GET." + stream;
    }

    /** {@return the oldest message of {@code subject} that is not before {@code sequence}} */
    Optional<StoredMessage> next(String subject, long sequence) {
        return ask(List.of(Query.next(subject, sequence))).getFirst();
    }

    /** {@return the newest message of {@code subject}} */
    Optional<StoredMessage> last(String subject) {
        return ask(List.of(Query.last(subject))).getFirst();
    }

    /** {@return what is found, in the order of the queries, which are sent at once} */
    List<Optional<StoredMessage>> ask(List<Query> queries) {
        List<byte[]> bodies =
                queries.stream().map(q -> q.json.getBytes(StandardCharsets.UTF_8)).toList();
        var found = new ArrayList<Optional<StoredMessage>>();
        for (Message reply : requests.askAll("look into the stream", api, bodies)) {
            found.add(found(reply));
        }
        return found;
    }

    private Optional<StoredMessage> found(Message reply) {
        var info = new MessageInfo(reply, null, false);
        if (info.hasError()) {
            if (info.getApiErrorCode() == NO_MESSAGE) {
                return Optional.empty();
            }
            throw requests.unavailable(
                    "look into the stream", "the server says: " + info.getError());
        }
        ZonedDateTime time = Objects.requireNonNull(info.getTime());
        return Optional.of(
                new StoredMessage(
                        info.getSeq(),
                        Objects.requireNonNull(info.getSubject()),
                        time.toInstant(),
                        Envelope.message(info.getHeaders(), info.getData())));
    }
}
