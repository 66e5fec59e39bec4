package dev.longwave.server.net.helidon;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.longwave.server.net.ClientFaults;
import dev.longwave.server.net.Input;
import dev.longwave.server.net.RequestFaultException;
import io.helidon.common.buffers.BufferData;
import io.helidon.webserver.CloseConnectionException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Queue;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code |} stands for CR LF. */
final class RequestReaderTest {

    private static final String GET = "GET / HTTP/1.1|Host: h||";
    private static final String POST = "POST / HTTP/1.1|Host: h|Content-Length: 3||abc";
    private static final String POST_HEAD = "POST / HTTP/1.1|Host: h||";

    private final RecordedEndpoint endpoint = new RecordedEndpoint();
    private final AnswerWriter writer = new AnswerWriter(new EngineSocket(endpoint));
    private final Queue<byte[]> parts = new ArrayDeque<>();
    private final List<RequestReader.Awaited> awaited = new ArrayList<>();
    private int progress;
    private int bodyBytes;
    private final ReceivedBytes received = new ReceivedBytes(new byte[0], this::next);
    private final RequestReader reader =
            new RequestReader(
                    received,
                    endpoint,
                    writer,
                    new ClientFaults(),
                    new Input() {
                        @Override
                        public byte @Nullable [] read() {
                            throw new UnsupportedOperationException("read by what was received");
                        }

                        @Override
                        public void progress() {
                            progress++;
                        }

                        @Override
                        public void progress(int bytes) {
                            bodyBytes += bytes;
                        }
                    });

    private byte @Nullable [] next() {
        awaited.add(reader.awaited());
        return parts.poll();
    }

    private void sends(String... texts) {
        for (String text : texts) {
            parts.add(bytes(text));
        }
    }

    @Test
    void handsOnOneHeadAtATimeHoweverTheyAreSplit() throws IOException {
        byte[] all = bytes(POST + GET + POST);
        for (int split = 1; split < all.length; split++) {
            parts.add(Arrays.copyOf(all, split));
            parts.add(Arrays.copyOfRange(all, split, all.length));

            assertThat(reader.get()).isEqualTo(bytes(POST_HEAD));
            assertThat(reader.body().readAllBytes()).isEqualTo(bytes("abc"));
            assertThat(reader.get()).isEqualTo(bytes(GET));
            assertThat(reader.body().readAllBytes()).isEmpty();
            assertThat(reader.get()).isEqualTo(bytes(POST_HEAD));
            assertThat(reader.announcedLength()).hasValue(3);
            assertThat(reader.body().readAllBytes()).isEqualTo(bytes("abc"));
            assertThat(reader.endsWithThisAnswer()).isFalse();
        }
        assertThat(reader.get()).isNull();
    }

    /** The body was a request, and Helidon ran it. */
    @Test
    void skipsABodyThatNobodyReadsIfItHasArrived() {
        String inner = "POST /inner HTTP/1.1|Host: h|Content-Length: 0||";
        sends(
                "POST / HTTP/1.1|Host: h|Expect: 100-continue|Content-Length: %d||%s"
                                .formatted(bytes(inner).length, inner)
                        + GET);

        assertThat(reader.get()).isEqualTo(bytes(POST_HEAD));
        assertThat(reader.endsWithThisAnswer()).isFalse();
        assertThat(reader.get()).isEqualTo(bytes(GET));
        assertThat(endpoint.written()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "POST / HTTP/1.1|Host: h|Expect: 100-continue|Content-Length: 3||",
                "POST / HTTP/1.1|Host: h|Content-Length: 3||ab",
                "POST / HTTP/1.1|Host: h|Transfer-Encoding: chunked||3|abc|0|",
                "POST / HTTP/1.1|Host: h|Transfer-Encoding: chunked||3|abcXX0||",
                "GET / HTTP/1.1|Host: h|Connection: close||",
                "GET / HTTP/1.0||",
            })
    void endsTheConnectionWithTheAnswer(String sent) {
        sends(sent, GET);

        assertThat(reader.get()).isNotNull();

        assertThat(reader.endsWithThisAnswer()).isTrue();
        assertThatExceptionOfType(CloseConnectionException.class).isThrownBy(reader::get);
        assertThatExceptionOfType(CloseConnectionException.class).isThrownBy(reader::get);
        assertThat(endpoint.written()).isEmpty();
    }

    @Test
    void endsTheConnectionWithTheAnswerIfAsked() {
        sends(GET, GET);
        assertThat(reader.get()).isNotNull();

        reader.finish();

        assertThat(reader.endsWithThisAnswer()).isTrue();
        assertThatExceptionOfType(CloseConnectionException.class).isThrownBy(reader::get);
    }

    @Test
    void drainsOnlyAClientThatMayBeSending() {
        sends("GET / HTTP/1.1|Host: h|Connection: close||");
        assertThat(reader.get()).isNotNull();
        assertThatExceptionOfType(CloseConnectionException.class).isThrownBy(reader::get);
        reader.drain();
        assertThat(endpoint.isDrained()).isFalse();
    }

    @Test
    void drainsAClientWhoseBodyWasNotRead() {
        sends("POST / HTTP/1.1|Host: h|Content-Length: 3||ab");
        assertThat(reader.get()).isNotNull();
        assertThatExceptionOfType(CloseConnectionException.class).isThrownBy(reader::get);
        reader.drain();
        assertThat(endpoint.isDrained()).isTrue();
    }

    @Test
    void answersAFaultyHead() {
        sends("GET /a b HTTP/1.1|", GET);

        assertThatExceptionOfType(CloseConnectionException.class).isThrownBy(reader::get);

        assertThat(endpoint.written())
                .startsWith("HTTP/1.1 400 Bad Request\r\n")
                .contains("Connection: close\r\n", "application/problem+json", "{\"type\":");
        reader.drain();
        assertThat(endpoint.isDrained()).isTrue();
    }

    @Test
    void answersAFaultyHeadOfHeadWithoutABody() {
        sends("HEAD /a b HTTP/1.1|");

        assertThatExceptionOfType(CloseConnectionException.class).isThrownBy(reader::get);

        assertThat(endpoint.written()).startsWith("HTTP/1.1 400").endsWith("\r\n\r\n");
    }

    @Test
    void throwsWhereABodyIsFaulty() {
        sends("POST / HTTP/1.1|Host: h|Transfer-Encoding: chunked||x");
        assertThat(reader.get()).isNotNull();

        assertThatExceptionOfType(RequestFaultException.class)
                .isThrownBy(() -> reader.body().readAllBytes());

        assertThat(reader.endsWithThisAnswer()).isTrue();
    }

    @Test
    void throwsWhereTheClientLeaves() {
        sends("POST / HTTP/1.1|Host: h|Content-Length: 3||ab");
        assertThat(reader.get()).isNotNull();

        assertThatExceptionOfType(CloseConnectionException.class)
                .isThrownBy(() -> reader.body().readAllBytes())
                .matches(ClientGone::isMeantBy);
    }

    @Test
    void asksForABodyThatTheClientWaitsToSend() throws IOException {
        sends("POST / HTTP/1.1|Host: h|Expect: 100-continue|Content-Length: 3||", "ab", "c");
        assertThat(reader.get()).isNotNull();
        assertThat(endpoint.written()).isEmpty();

        assertThat(reader.body().readAllBytes()).isEqualTo(bytes("abc"));

        assertThat(endpoint.written()).isEqualTo("HTTP/1.1 100 Continue\r\n\r\n");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "POST / HTTP/1.1|Host: h|Expect: 100-continue|Content-Length: 3||a",
                "POST / HTTP/1.0|Expect: 100-continue|Content-Length: 3||",
                "POST / HTTP/1.0|Expect: 100-continue|Content-Length: 3||a",
            })
    void doesNotAskForABodyThatComesAnyway(String sent) throws IOException {
        sends(sent, "abc");
        assertThat(reader.get()).isNotNull();

        assertThat(reader.body().readAllBytes()).hasSize(3);

        assertThat(endpoint.written()).isEmpty();
    }

    @Test
    void answersForTheServer() {
        sends("OPTIONS * HTTP/1.1|Host: h||" + GET);

        assertThat(reader.get()).isEqualTo(bytes(GET));

        assertThat(endpoint.written())
                .startsWith("HTTP/1.1 204 No Content\r\n")
                .contains("\r\nAllow: GET, HEAD, POST, DELETE, OPTIONS\r\n")
                .doesNotContain("close")
                .endsWith("\r\n\r\n");
    }

    @Test
    void writesNoBodyInAnswerToHead() {
        sends("HEAD / HTTP/1.1|Host: h||" + GET);
        String head = "HTTP/1.1 200 OK|Content-Length: 2||";
        for (String answer : List.of("HTTP/1.1 200 OK|Content-Length: 2|", "|ok", "more")) {
            if (endpoint.written().isEmpty()) {
                assertThat(reader.get()).isNotNull();
            }
            writer.write(BufferData.create(bytes(answer)));
        }
        assertThat(endpoint.written()).isEqualTo(text(head));

        assertThat(reader.get()).isNotNull();
        writer.write(BufferData.create(bytes("HTTP/1.1 200 OK|Content-Length: 2||ok")));

        assertThat(endpoint.written()).endsWith(text("||ok"));
    }

    @Test
    void passesOnWhatComesAfterAnUpgrade() {
        sends(GET + "PRI", " * HTTP");
        assertThat(reader.get()).isEqualTo(bytes(GET));

        reader.upgrade();

        assertThat(reader.get()).isEqualTo(bytes("PRI"));
        assertThat(reader.get()).isEqualTo(bytes(" * HTTP"));
        assertThat(reader.get()).isNull();
    }

    @Test
    void knowsWhatItAwaits() throws IOException {
        sends("||", "GE", "T / HTTP/1.1|Host: h||" + POST.replace("abc", "a"), "bc");
        assertThat(reader.get()).isNotNull();
        assertThat(reader.get()).isNotNull();
        assertThat(reader.body().readAllBytes()).hasSize(3);
        assertThat(reader.awaited()).isEqualTo(RequestReader.Awaited.NOTHING);
        assertThat(reader.get()).isNull();

        assertThat(awaited)
                .containsExactly(
                        RequestReader.Awaited.REQUEST,
                        RequestReader.Awaited.REQUEST,
                        RequestReader.Awaited.HEAD,
                        RequestReader.Awaited.BODY,
                        RequestReader.Awaited.REQUEST);
    }

    @Test
    void notesProgress() throws IOException {
        sends("POST / HTTP/1.1|Host: h|Content-Length: 4096||");
        for (int i = 0; i < 8; i++) {
            sends("a".repeat(512));
        }
        assertThat(reader.get()).isNotNull();
        assertThat(progress).isEqualTo(1);

        assertThat(reader.body().readAllBytes()).hasSize(4096);
        assertThat(progress).isEqualTo(1);
        assertThat(bodyBytes).isEqualTo(4096);

        assertThat(reader.get()).isNull();
        assertThat(progress).isEqualTo(2);
    }

    private static String text(String text) {
        return text.replace("|", "\r\n");
    }

    private static byte[] bytes(String text) {
        return text(text).getBytes(StandardCharsets.UTF_8);
    }
}
