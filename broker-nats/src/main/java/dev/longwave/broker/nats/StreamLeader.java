package dev.longwave.broker.nats;

import io.nats.client.Message;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Looks up single messages on the stream's leader, whose answers are never out of date. */
final class StreamLeader {

    private final Requests requests;
    private final String api;

    /**
     * A look-up of one message.
     *
     * @param json the request to the server's API
     */
    record Query(String json) {
        // Subjects contain nothing that JSON escapes: see Subjects and NatsSettings.

        /**
         * {@return a query for the first message of {@code subject} at {@code sequence} or later}
         */
        static Query next(String subject, long sequence) {
            return new Query("{\"seq\":%d,\"next_by_subj\":\"%s\"}".formatted(sequence, subject));
        }

        /** {@return a query for the first message stored at {@code time} or later; server 2.11} */
        static Query since(String subject, Instant time) {
            return new Query(
                    "{\"start_time\":\"%s\",\"next_by_subj\":\"%s\"}".formatted(time, subject));
        }

        /** {@return a query for the message at {@code sequence}, whatever its subject} */
        static Query at(long sequence) {
            return new Query("{\"seq\":%d}".formatted(sequence));
        }

        /** {@return a query for the newest message of {@code subject}} */
        static Query last(String subject) {
            return new Query("{\"last_by_subj\":\"%s\"}".formatted(subject));
        }
    }

    StreamLeader(Requests requests, String stream) {
        this.requests = requests;
        this.api = "$JS.API.STREAM.MSG.GET." + stream;
    }

    /** {@return the oldest message of {@code subject} at {@code sequence} or later} */
    Optional<StoredMessage> next(String subject, long sequence) {
        return ask(List.of(Query.next(subject, sequence))).getFirst();
    }

    /** {@return the message at {@code sequence}, whatever its subject} */
    Optional<StoredMessage> at(long sequence) {
        return ask(List.of(Query.at(sequence))).getFirst();
    }

    /** {@return the newest message of {@code subject}} */
    Optional<StoredMessage> last(String subject) {
        return ask(List.of(Query.last(subject))).getFirst();
    }

    /** {@return the results in the order of the queries, which are sent together} */
    List<Optional<StoredMessage>> ask(List<Query> queries) {
        List<byte[]> bodies =
                queries.stream().map(q -> q.json.getBytes(StandardCharsets.UTF_8)).toList();
        var found = new ArrayList<Optional<StoredMessage>>();
        for (Message reply : requests.askAll("read the stream", api, bodies)) {
            found.add(found(reply));
        }
        return found;
    }

    private Optional<StoredMessage> found(Message reply) {
        try {
            return FoundMessage.of(reply)
                    .map(found ->
                            StoredMessage.of(
                                    found.sequence(),
                                    found.subject(),
                                    found.time(),
                                    found.headers(),
                                    found.data()));
        } catch (FoundMessage.LookupException e) {
            throw requests.unavailable("read the stream", String.valueOf(e.getMessage()));
        }
    }
}
