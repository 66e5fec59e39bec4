package dev.longwave.cli.demo;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.UncheckedIOException;
import org.jspecify.annotations.Nullable;

/** One event of the demo. */
record DemoEvent(String topic, String type, @Nullable String key, String data, boolean end) {

    private static final ObjectMapper JSON = new ObjectMapper();

    /** {@return an event whose data is {@code text} as it is} */
    static DemoEvent text(String topic, String type, String text) {
        return new DemoEvent(topic, type, null, text, false);
    }

    /** {@return an event whose data is the JSON of {@code value}, a record} */
    static DemoEvent json(String topic, String type, Record value) {
        try {
            return new DemoEvent(topic, type, null, JSON.writeValueAsString(value), false);
        } catch (JsonProcessingException e) {
            throw new UncheckedIOException("writing demo data as JSON: topic=" + topic, e);
        }
    }

    /** {@return this event, as the latest value of {@code key}} */
    DemoEvent keyed(String key) {
        return new DemoEvent(topic, type, key, data, end);
    }

    /** {@return this event, as the last of its topic} */
    DemoEvent last() {
        return new DemoEvent(topic, type, key, data, true);
    }
}
