package dev.longwave.load;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

final class EventScannerTest {
    private static final int DATA_BYTES = 64;
    private static final String HEAD =
            """
            HTTP/1.1 200 OK\r
            Content-Type: text/event-stream\r
            Transfer-Encoding: chunked\r
            \r
            """;

    private final List<String> seen = new ArrayList<>();
    private int comments;
    private final EventScanner scanner =
            new EventScanner(
                    new EventScanner.Sink() {
                        @Override
                        public void event(long sequence, long dueAt) {
                            seen.add(sequence + "@" + dueAt);
                        }

                        @Override
                        public void foreign() {
                            seen.add("foreign");
                        }

                        @Override
                        public void comment() {
                            comments++;
                        }
                    });
    private final HttpResponse response = new HttpResponse(scanner::scan);

    @Test
    void findsSeveralEventsInOneRead() {
        scan("id: 1\ndata: " + data(1, 10) + "\n\nid: 2\ndata: " + data(2, 20) + "\n\n");

        assertThat(seen).containsExactly("1@10", "2@20");
    }

    @Test
    void waitsForTheEmptyLine() {
        scan("data: " + data(7, 70) + "\nid: 8\n");
        assertThat(seen).isEmpty();

        scan("\n");
        assertThat(seen).containsExactly("7@70");
    }

    @Test
    void takesDataWithoutSpaceAndLinesThatEndInCrLf() {
        scan("data:" + data(3, 30) + "\r\n\r\n");

        assertThat(seen).containsExactly("3@30");
    }

    @Test
    void passesOverCommentsIdsAndNamesThatBeginLikeData() {
        scan(": data: x\n\nid: data:\n\nretry: 2000\ndatabase: 1\n\n");

        assertThat(seen).isEmpty();
    }

    @Test
    void countsCommentsThatComeInPieces() {
        scan(": longwave\nretry: 2000\nid: a:b\n\n");
        scan(":");
        scan("\nid: a\n\ndata:" + data(1, 10) + "\n\n:\r\n\r\n");

        assertThat(comments).isEqualTo(3);
        assertThat(seen).containsExactly("1@10");
    }

    @Test
    void noticesDataThatIsNotOurs() {
        scan("event: gap\ndata: {\"topic\":\"t\"}\n\ndata: 123\n\n");

        assertThat(seen).containsExactly("foreign", "foreign");
    }

    static IntStream everyOffset() {
        return IntStream.range(1, stream().length());
    }

    @ParameterizedTest
    @MethodSource("everyOffset")
    void findsEventsInAChunkedResponseCutAnywhere(int cut) throws IOException {
        String stream = stream();

        read(stream.substring(0, cut));
        read(stream.substring(cut));

        assertThat(response.status()).isEqualTo(200);
        assertThat(seen).containsExactly("41@410", "42@420", "43@430");
        assertThat(response.isComplete()).isTrue();
    }

    @Test
    void findsEventsInAChunkedResponseThatComesByteByByte() throws IOException {
        for (char c : stream().toCharArray()) {
            read(String.valueOf(c));
        }

        assertThat(seen).containsExactly("41@410", "42@420", "43@430");
    }

    @Test
    void readsOneResponseAfterTheOther() throws IOException {
        String answer =
                """
                HTTP/1.1 201 Created\r
                content-length: 3\r
                \r
                yes\
                """;
        ByteBuffer both = bytes(answer + answer);

        response.read(both);
        assertThat(response.isComplete()).isTrue();
        assertThat(both.remaining()).isEqualTo(answer.length());

        response.reset();
        response.read(both);
        assertThat(response.status()).isEqualTo(201);
        assertThat(response.isComplete()).isTrue();
    }

    /** Three events: two in one chunk, and one across two chunks, cut within the sequence. */
    private static String stream() {
        String third = "data: " + data(43, 430) + "\n\n";
        return HEAD
                + chunk(": hello\nretry: 2000\n\n")
                + chunk("id: a\ndata: " + data(41, 410) + "\n\ndata: " + data(42, 420) + "\n\n")
                + chunk(third.substring(0, 15))
                + chunk(third.substring(15))
                + "0\r\n\r\n";
    }

    private static String chunk(String text) {
        return Integer.toHexString(text.length()) + "\r\n" + text + "\r\n";
    }

    private static String data(long sequence, long dueAt) {
        ByteBuffer buffer = ByteBuffer.allocate(DATA_BYTES);
        new EventData(DATA_BYTES).put(buffer, sequence, dueAt);
        return new String(buffer.array(), StandardCharsets.US_ASCII);
    }

    private void scan(String text) {
        scanner.scan(bytes(text), 0, text.length());
    }

    private void read(String text) throws IOException {
        response.read(bytes(text));
    }

    private static ByteBuffer bytes(String text) {
        return ByteBuffer.wrap(Requests.bytes(text));
    }
}
