package dev.longwave.broker.postgres;

import dev.longwave.broker.Message;
import dev.longwave.broker.Position;
import java.nio.charset.StandardCharsets;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.OffsetDateTime;
import org.jspecify.annotations.Nullable;

/** Reads columns. */
final class Rows {

    private Rows() {}

    /** {@return the time in a column in milliseconds since 1970; 0 if there is none} */
    static long millis(ResultSet row, int column) throws SQLException {
        return millis(row.getObject(column, OffsetDateTime.class));
    }

    /** {@return a time in milliseconds since 1970; 0 for null, and for times before that} */
    static long millis(@Nullable OffsetDateTime time) {
        return time == null ? 0 : Math.max(0, time.toInstant().toEpochMilli());
    }

    /** {@return the position before {@code position}, of an event of this time, or 0} */
    static Position previous(Position position, long time) {
        return new Position(position.epoch(), Math.max(0, position.major() - 1)).stamped(time);
    }

    /**
     * {@return the message in the columns message_id, type, key, data, attributes, and ends, which
     * begin with {@code first}} Others may have written it.
     */
    static Message message(ResultSet row, int first) throws SQLException {
        String attributes = row.getString(first + 4);
        return Message.builder(row.getBytes(first + 3))
                .id(row.getString(first))
                .type(row.getString(first + 1))
                .key(row.getString(first + 2))
                .encodedAttributes(
                        attributes == null ? null : attributes.getBytes(StandardCharsets.UTF_8))
                .end(row.getBoolean(first + 5))
                .buildFromLog();
    }
}
