package dev.longwave.server.centrifuge;

import static org.assertj.core.api.Assertions.assertThat;

import dev.longwave.broker.Entry;
import dev.longwave.broker.Message;
import dev.longwave.broker.Position;
import dev.longwave.core.Event;
import dev.longwave.server.http.Json;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import org.junit.jupiter.api.Test;

final class PublicationsTest {

    private static final String JSON = "application/json";
    private static final Position POSITION = new Position(1, 7);

    @Test
    void embedsJsonByteForByte() {
        assertThat(json(message("{\"a\": 1.0, \"b\":[1E400,\"\u20ac\"]}", JSON)))
                .isEqualTo("{\"data\":{\"a\": 1.0, \"b\":[1E400,\"\u20ac\"]},\"offset\":7}");
        assertThat(json(message("12", JSON))).isEqualTo("{\"data\":12,\"offset\":7}");
    }

    @Test
    void putsJsonOfSeveralLinesOnOne() {
        assertThat(json(message("{\r\n  \"a\": \"x\\ny\"\n}", JSON)))
                .isEqualTo("{\"data\":{    \"a\": \"x\\ny\" },\"offset\":7}");
    }

    @Test
    void takesTextForJsonOnlyIfItIsAnObjectOrAnArray() {
        assertThat(json(message("[1]"))).startsWith("{\"data\":[1],");
        assertThat(json(message("12"))).startsWith("{\"data\":\"12\",");
        assertThat(json(message("{\"a\""))).startsWith("{\"data\":\"{\\\"a\\\"\",");
        assertThat(json(message("{}", "text/plain")))
                .isEqualTo(
                        "{\"data\":\"{}\",\"offset\":7,\"tags\":{\"content-type\":\"text/plain\"}}");
    }

    @Test
    void sendsWhatIsNotTheJsonThatItClaimsToBeAsText() {
        assertThat(json(message("{\"a\":01}", JSON)))
                .isEqualTo(
                        "{\"data\":\"{\\\"a\\\":01}\",\"offset\":7,"
                                + "\"tags\":{\"content-type\":\"application/json\"}}");
        assertThat(json(message("[\u0000]", JSON))).startsWith("{\"data\":\"[\\u0000]\",");
    }

    @Test
    void sendsBinaryDataAsBase64() {
        Message binary =
                Message.builder(new byte[] {0, (byte) 0xff, 10})
                        .attribute("content-type", "image/png")
                        .build();

        assertThat(json(binary))
                .isEqualTo(
                        "{\"data\":\"AP8K\",\"offset\":7,\"tags\":"
                                + "{\"content-type\":\"image/png\",\"encoding\":\"base64\"}}");
    }

    @Test
    void escapesText() {
        String text = "a\"b\\c\nd\re\tf\u0001g\u2028\ud83d\ude00";

        String json = json(message(text));

        assertThat(json).doesNotContain("\n", "\r");
        byte[] bytes = json.getBytes(StandardCharsets.UTF_8);
        assertThat(Json.parse(bytes, 0, bytes.length).get("data").textValue()).isEqualTo(text);
    }

    @Test
    void tellsTypeTopicAndAttributes() {
        Message message =
                Message.builder("hello".getBytes(StandardCharsets.UTF_8))
                        .type("greeting")
                        .attribute("lang", "en")
                        .attribute("type", "of no effect")
                        .build();
        Entry entry = Entry.of(POSITION, Instant.EPOCH, message).in("a/b");

        assertThat(new String(Publications.json(entry), StandardCharsets.UTF_8))
                .isEqualTo(
                        "{\"data\":\"hello\",\"offset\":7,\"tags\":"
                                + "{\"lang\":\"en\",\"type\":\"greeting\",\"topic\":\"a/b\"}}");
    }

    @Test
    void hasNoOffsetWhereThereIsNone() {
        Entry entry =
                Entry.of(
                        new Position(1, 7, 1),
                        Instant.EPOCH,
                        Message.of("a".getBytes(StandardCharsets.UTF_8)));

        assertThat(new String(Publications.json(entry), StandardCharsets.UTF_8))
                .isEqualTo("{\"data\":\"a\"}");
    }

    @Test
    void isPushedAsOneTextFrameThatIsMadeOnce() {
        Event event = Event.of("ro\"om:1", Entry.of(POSITION, Instant.EPOCH, message("{}", JSON)));

        var frame = event.frame(CentrifugeFormat.PUSHES);

        String push = "{\"push\":{\"channel\":\"ro\\\"om:1\",\"pub\":{\"data\":{},\"offset\":7}}}";
        assertThat(
                        new String(
                                frame.bytes(),
                                frame.payload(),
                                frame.bytes().length - frame.payload(),
                                StandardCharsets.UTF_8))
                .isEqualTo(push);
        assertThat(event.frame(CentrifugeFormat.PUSHES)).isSameAs(frame);
    }

    private static Message message(String data) {
        return Message.of(data.getBytes(StandardCharsets.UTF_8));
    }

    private static Message message(String data, String contentType) {
        return Message.builder(data.getBytes(StandardCharsets.UTF_8))
                .attribute("content-type", contentType)
                .build();
    }

    private static String json(Message message) {
        return new String(
                Publications.json(Entry.of(POSITION, Instant.EPOCH, message)),
                StandardCharsets.UTF_8);
    }
}
