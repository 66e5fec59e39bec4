package dev.longwave.broker.nats;

import io.nats.client.Message;
import io.nats.client.impl.Headers;
import io.nats.client.support.IncomingHeadersProcessor;
import io.nats.client.support.JsonParseException;
import io.nats.client.support.JsonParser;
import io.nats.client.support.JsonValue;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.Base64;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A message that the leader of a stream has found, with its headers repaired: see {@link
 * HeaderBlock}.
 *
 * @param time when the server stored it
 */
@SuppressWarnings("ArrayRecordComponent") // never compared, never changed
record FoundMessage(
        long sequence, String subject, Instant time, @Nullable Headers headers, byte[] data) {

    private static final int NO_MESSAGE = 10037;

    /** The leader has answered with an error. */
    static final class LookupException extends Exception {

        private static final long serialVersionUID = 1L;

        LookupException(String message) {
            super(message, null, false, false);
        }
    }

    /** {@return the message in an answer of the server's API, or nothing if there is none} */
    static Optional<FoundMessage> of(Message reply) throws LookupException {
        try {
            JsonValue answer = JsonParser.parse(reply.getData());
            JsonValue error = member(answer, "error");
            if (error != null) {
                if (number(error, "err_code") == NO_MESSAGE) {
                    return Optional.empty();
                }
                throw new LookupException("the server says: " + text(error, "description"));
            }
            JsonValue message = member(answer, "message");
            if (message == null) {
                throw new LookupException("the answer is malformed");
            }
            return Optional.of(
                    new FoundMessage(
                            number(message, "seq"),
                            text(message, "subject"),
                            OffsetDateTime.parse(text(message, "time")).toInstant(),
                            headers(text(message, "hdrs")),
                            Base64.getDecoder().decode(text(message, "data"))));
        } catch (JsonParseException | IllegalArgumentException | DateTimeException e) {
            throw new LookupException("the answer is malformed: " + e.getMessage());
        }
    }

    private static @Nullable Headers headers(String encoded) {
        if (encoded.isEmpty()) {
            return null;
        }
        byte[] block = HeaderBlock.repaired(Base64.getDecoder().decode(encoded));
        return new IncomingHeadersProcessor(block).getHeaders();
    }

    private static @Nullable JsonValue member(JsonValue object, String name) {
        return object.map == null ? null : object.map.get(name);
    }

    private static String text(JsonValue object, String name) {
        JsonValue value = member(object, name);
        return value == null || value.string == null ? "" : value.string;
    }

    private static long number(JsonValue object, String name) {
        JsonValue value = member(object, name);
        return value == null || value.number == null ? 0 : value.number.longValue();
    }
}
