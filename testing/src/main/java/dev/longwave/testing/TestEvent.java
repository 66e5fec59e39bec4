package dev.longwave.testing;

import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * An event to publish, which can be known again when it arrives: {@link #mark} is in its data, or
 * in its type where the data leave no room for it.
 *
 * @param topic the topic
 * @param number its place in the topic, from 0
 * @param data the data, with line breaks of any kind
 * @param type the type, null for none
 * @param key the key, null for none
 */
public record TestEvent(
        String topic, int number, String data, @Nullable String type, @Nullable String key) {

    private static final Pattern MARK = Pattern.compile("\\[([^\\[\\]#]+)#([0-9]{1,9})\\]");

    public TestEvent {
        if (Mark.in(data, type == null ? "" : type) == null) {
            throw new IllegalArgumentException("event without mark " + mark(topic, number));
        }
    }

    /** What tells the event from all others. */
    public record Mark(String topic, int number) {

        /** {@return the mark of a received event, null if it has none} */
        public static @Nullable Mark of(ReceivedEvent event) {
            return in(event.data(), event.type());
        }

        private static @Nullable Mark in(String data, String type) {
            for (String text : new String[] {data, type}) {
                Matcher matcher = MARK.matcher(text);
                if (matcher.find()) {
                    return new Mark(matcher.group(1), Integer.parseInt(matcher.group(2)));
                }
            }
            return null;
        }
    }

    /** {@return the text that marks an event} */
    public static String mark(String topic, int number) {
        return "[" + topic + "#" + number + "]";
    }

    /**
     * {@return the data as they arrive: the grammar has no way to carry CR, so that any line break
     * is an LF}
     */
    public String dataReceived() {
        return data.replace("\r\n", "\n").replace('\r', '\n');
    }

    /** {@return the type as it arrives} */
    public String typeReceived() {
        return type == null || type.isEmpty() ? "message" : type;
    }
}
