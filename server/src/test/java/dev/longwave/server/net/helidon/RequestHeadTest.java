package dev.longwave.server.net.helidon;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import dev.longwave.server.net.RequestFaultException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Which heads are taken, and what the engine gets. {@code |} stands for CR LF. */
final class RequestHeadTest {

    private static final String SETTINGS = "AAMAAABkAAQAAP__";

    static Stream<Arguments> taken() {
        return Stream.of(
                // As it is.
                taken("GET / HTTP/1.1|Host: h||", "GET / HTTP/1.1|Host: h||"),
                taken("GET /a?b HTTP/1.1|Host: h:80|X: é||", "GET /a?b HTTP/1.1|Host: h:80|X: é||"),
                taken("GET / HTTP/1.1|Host: [::1]:80|A:||", "GET / HTTP/1.1|Host: [::1]:80|A:||"),
                taken("FOO-1 / HTTP/1.1|host:h||", "FOO-1 / HTTP/1.1|host:h||"),
                taken("TRACE / HTTP/1.1|Host: h||", "TRACE / HTTP/1.1|Host: h||"),
                taken("||GET / HTTP/1.1|Host: h||", "GET / HTTP/1.1|Host: h||"),
                // Without what is about the body and the connection.
                taken("POST / HTTP/1.1|Host: h|Content-Length: 3||", "POST / HTTP/1.1|Host: h||"),
                taken("POST / HTTP/1.1|content-length:3 |Host: h||", "POST / HTTP/1.1|Host: h||"),
                taken(
                        "POST / HTTP/1.1|Host: h|Transfer-Encoding: Chunked|Trailer: X|TE: trailers"
                                + "|A: b|Expect: 100-Continue|Keep-Alive: timeout=5||",
                        "POST / HTTP/1.1|Host: h|A: b||"),
                taken(
                        "GET / HTTP/1.1|Connection: keep-alive|Host: h||",
                        "GET / HTTP/1.1|Host: h||"),
                taken(
                        "GET / HTTP/1.1|Connection: a, CLOSE ,b|Host: h|A: b||",
                        "GET / HTTP/1.1|Host: h|A: b|Connection: close||"),
                // HTTP/1.0.
                taken("GET / HTTP/1.0||", "GET / HTTP/1.1|Host: localhost|Connection: close||"),
                taken(
                        "GET / HTTP/1.0|Host: h|Connection: keep-alive|Expect: x||",
                        "GET / HTTP/1.1|Host: h|Connection: close||"),
                // Targets.
                taken("GET /./a^b HTTP/1.1|Host: h||", "GET /a%5Eb HTTP/1.1|Host: h||"),
                taken(
                        "GET http://x:1/a HTTP/1.1|Host: h|A: b||",
                        "GET /a HTTP/1.1|A: b|Host: x:1||"),
                taken("GET HTTPS://x?a HTTP/1.1|Host: h||", "GET /?a HTTP/1.1|Host: x||"),
                taken("GET http://x HTTP/1.0||", "GET / HTTP/1.1|Host: x|Connection: close||"),
                // Upgrades.
                taken(
                        "GET / HTTP/1.1|Host: h|Connection: keep-alive, Upgrade|Upgrade:"
                                + " WebSocket||",
                        "GET / HTTP/1.1|Host: h|Connection: Upgrade|Upgrade: websocket||"),
                taken(
                        "GET / HTTP/1.1|Connection: Upgrade, HTTP2-Settings|Upgrade: h2c"
                                + "|HTTP2-Settings: AAMAAABkAAQAAP__|Host: h||",
                        "GET / HTTP/1.1|Host: h|Connection: Upgrade, HTTP2-Settings|Upgrade: h2c"
                                + "|HTTP2-Settings: AAMAAABkAAQAAP__||"),
                // A setting that Helidon does not know is taken out.
                taken(
                        "GET / HTTP/1.1|Connection: Upgrade, HTTP2-Settings|Upgrade: h2c"
                                + "|HTTP2-Settings: iooAAAABAAMAAABk|Host: h||",
                        "GET / HTTP/1.1|Host: h|Connection: Upgrade, HTTP2-Settings|Upgrade: h2c"
                                + "|HTTP2-Settings: AAMAAABk||"));
    }

    private static Arguments taken(String sent, String handedOn) {
        return Arguments.of(sent, handedOn);
    }

    @ParameterizedTest
    @MethodSource("taken")
    void handsOnWhatIsWellFormedHoweverItIsSplit(String sent, String handedOn) {
        byte[] bytes = bytes(sent);
        for (int split = 0; split < bytes.length; split++) {
            var head = new RequestHead(0);
            boolean early = head.advance(Arrays.copyOf(bytes, split), split);
            boolean whole = head.advance(bytes, bytes.length);

            assertThat(early).isFalse();
            assertThat(whole).isTrue();
            assertThat(head.end()).isEqualTo(bytes.length);
            assertThat(head.handedOn(bytes)).as("split=%d", split).isEqualTo(bytes(handedOn));
        }
    }

    @ParameterizedTest
    @MethodSource("taken")
    void findsTheHeadBetweenOthers(String sent, String handedOn) {
        byte[] bytes = bytes("||..." + sent + "GET / HT");
        int from = 7;
        var head = new RequestHead(from);

        assertThat(head.advance(bytes, bytes.length)).isTrue();

        assertThat(head.end()).isEqualTo(from + bytes(sent).length);
        assertThat(head.handedOn(bytes)).isEqualTo(bytes(handedOn));
    }

    @Test
    void doesNotCopyWhatIsHandedOnAsItIs() {
        byte[] bytes = bytes("GET /a HTTP/1.1|Host: h||");
        var head = new RequestHead(0);
        head.advance(bytes, bytes.length);

        assertThat(head.handedOn(bytes)).isSameAs(bytes);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "h2c|HTTP2-Settings: !!!!",
                "h2c|HTTP2-Settings: ",
                "h2c|HTTP2-Settings: AAAA",
                "h2c|HTTP2-Settings: AAIAAAAC", // ENABLE_PUSH of 2
                "h2c|HTTP2-Settings: AAT_____", // a window of 2^32-1
                "h2c|HTTP2-Settings: AAUAAAAB", // frames of one byte
                "h2c|HTTP2-Settings: AAMAAABk|HTTP2-Settings: AAMAAABk",
                "h2c|HTTP2-Settings: AAMAAABk|Upgrade: h2c",
                "h2c|HTTP2-Settings: AAMAAABk|Content-Length: 1",
                "h2c|HTTP2-Settings: AAMAAABk|Connection: close",
                "h2c",
                "TLS/1.0",
                "websocket|Content-Length: 1"
            })
    void handsOnNoUpgradeThatCannotBe(String upgrade) {
        byte[] bytes =
                bytes(
                        "GET / HTTP/1.1|Host: h|Connection: Upgrade, HTTP2-Settings|Upgrade: "
                                + upgrade
                                + "||");

        assertThat(new String(handedOn(bytes), StandardCharsets.UTF_8))
                .doesNotContainIgnoringCase("upgrade")
                .doesNotContainIgnoringCase("settings");
    }

    @Test
    void needsTheConnectionHeaderForAnUpgrade() {
        byte[] bytes =
                bytes("GET / HTTP/1.1|Host: h|Upgrade: h2c|HTTP2-Settings: " + SETTINGS + "||");

        assertThat(handedOn(bytes)).isEqualTo(bytes("GET / HTTP/1.1|Host: h||"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '@',
            quoteCharacter = '`',
            ignoreLeadingAndTrailingWhitespace = false,
            value = {
                // The request line.
                "400@GET|",
                "400@GET /|",
                "400@ GET / HTTP/1.1|",
                "400@GET  / HTTP/1.1|",
                "400@GET / HTTP/1.1 |",
                "400@GET\t/\tHTTP/1.1|",
                "400@GET / http/1.1|",
                "400@GET / HTTP/1.10|",
                "400@GET / HTTP/1.x|",
                "400@GET /a b HTTP/1.1|",
                "400@*)b / HTTP/1.1|",
                "400@GET a HTTP/1.1|",
                "400@GET h:80 HTTP/1.1|",
                "400@GET * HTTP/1.1|",
                "400@GET ftp://h/ HTTP/1.1|",
                "400@GET http:///a HTTP/1.1|",
                "400@GET http://h:99999/ HTTP/1.1|",
                "400@GET http://h/#a HTTP/1.1|",
                "400@GET /%zz HTTP/1.1|",
                "400@GET /#a HTTP/1.1|",
                "400@|||GET / HTTP/1.1|",
                "505@GET / HTTP/1.2|",
                "505@GET / HTTP/2.0|",
                "505@PRI * HTTP/2.0|",
                "501@CONNECT h:80 HTTP/1.1|",
                "501@ABCDEFGHIJKLMNOPQRSTUVWXYZABCDEFGHIJ / HTTP/1.1|",
                // Host.
                "400@GET / HTTP/1.1||",
                "400@GET / HTTP/1.1|Host: ||",
                "400@GET / HTTP/1.1|Host: a|Host: a||",
                "400@GET / HTTP/1.0|Host: a|Host: b||",
                "400@GET / HTTP/1.1|Host: a b||",
                "400@GET / HTTP/1.1|Host: a<||",
                "400@GET / HTTP/1.1|Host: a:b||",
                "400@GET / HTTP/1.1|Host: a:65536||",
                "400@GET / HTTP/1.1|Host: [::1||",
                "400@GET / HTTP/1.1|Host: é||",
                // Fields.
                "400@GET / HTTP/1.1|Host: h|A : b||",
                "400@GET / HTTP/1.1|Host: h|A\t: b||",
                "400@GET / HTTP/1.1|Host: h|A||",
                "400@GET / HTTP/1.1|Host: h|: b||",
                "400@GET / HTTP/1.1|Host: h| A: b||",
                "400@GET / HTTP/1.1|Host: h|A: b| c||",
                "400@GET / HTTP/1.1|Host: h|(A): b||",
                "400@GET / HTTP/1.1|Host: h|Ä: b||",
                // The body.
                "400@POST / HTTP/1.1|Host: h|Content-Length: ||",
                "400@POST / HTTP/1.1|Host: h|Content-Length: +3||",
                "400@POST / HTTP/1.1|Host: h|Content-Length: -1||",
                "400@POST / HTTP/1.1|Host: h|Content-Length: 0x3||",
                "400@POST / HTTP/1.1|Host: h|Content-Length: 3, 3||",
                "400@POST / HTTP/1.1|Host: h|Content-Length: 3 3||",
                "400@POST / HTTP/1.1|Host: h|Content-Length: \u0663||",
                "400@POST / HTTP/1.1|Host: h|Content-Length: 9999999999999999999||",
                "400@POST / HTTP/1.1|Host: h|Content-Length: 3|Content-Length: 3||",
                "400@POST / HTTP/1.1|Host: h|Content-Length: 3|Transfer-Encoding: chunked||",
                "400@POST / HTTP/1.1|Host: h|Transfer-Encoding: x|Content-Length: 3||",
                "400@POST / HTTP/1.1|Host: h|Transfer-Encoding: chunked|Transfer-Encoding: x||",
                "400@POST / HTTP/1.0|Host: h|Transfer-Encoding: chunked||",
                "501@POST / HTTP/1.1|Host: h|Transfer-Encoding: xchunked||",
                "501@POST / HTTP/1.1|Host: h|Transfer-Encoding: chunked, identity||",
                "501@POST / HTTP/1.1|Host: h|Transfer-Encoding: gzip, chunked||",
                "501@POST / HTTP/1.1|Host: h|Transfer-Encoding: \"chunked\"||",
                "501@POST / HTTP/1.1|Host: h|Transfer-Encoding: ||",
                "417@POST / HTTP/1.1|Host: h|Expect: x||",
            })
    void refusesWhatIsNot(int status, String sent) {
        assertRefused(status, bytes(sent));
    }

    @Test
    void refusesAUserInTheTarget() {
        assertRefused(400, bytes("GET http://u:p@h/ HTTP/1.1|Host: h||"));
    }

    /** Each byte that ends a line in some other software, at each place. */
    @ParameterizedTest
    @ValueSource(ints = {0, '\n', '\r', 0x0b, 0x1b, 0x7f})
    void refusesControlCharacters(int control) {
        byte[] head = bytes("GET /a HTTP/1.1|Host: h|A: b||");
        for (int at = 0; at <= head.length - 4; at++) {
            byte[] bytes = new byte[head.length + 1];
            System.arraycopy(head, 0, bytes, 0, at);
            bytes[at] = (byte) control;
            System.arraycopy(head, at, bytes, at + 1, head.length - at);

            assertRefused(400, bytes);
        }
    }

    /** A client that speaks TLS must not wait for the deadline. */
    @Test
    void refusesOtherProtocolsBeforeALineEnds() {
        assertRefused(400, new byte[] {0x16, 3, 1, 2, 0, 1});
    }

    @Test
    void boundsTheRequestLine() {
        String longest = "GET /" + "a".repeat(8 * 1024 - 14) + " HTTP/1.1";

        assertThat(handedOn(bytes(longest + "|Host: h||"))).isNotEmpty();
        assertRefused(414, bytes(longest + "1|Host: h||"));
        assertRefused(414, bytes("GET /" + "a".repeat(8 * 1024)));
    }

    @Test
    void boundsTheHead() {
        String begin = "GET / HTTP/1.1|Host: h|A: ";
        String longest = begin + "a".repeat(16 * 1024 - bytes(begin + "||").length) + "||";

        assertThat(handedOn(bytes(longest))).hasSize(16 * 1024);
        assertRefused(431, bytes(longest.replace("A:", "AA:")));
        assertRefused(431, bytes(begin + "a".repeat(16 * 1024)));
        assertRefused(431, bytes("GET / HTTP/1.1|Host: h|" + "A: b|".repeat(128) + "|"));
    }

    @Test
    void knowsHeadEvenIfItIsFaulty() {
        byte[] bytes = bytes("|HEAD /a b HTTP/1.1|");
        var head = new RequestHead(0);
        try {
            head.advance(bytes, bytes.length);
            fail("taken");
        } catch (RequestFaultException _) {
            assertThat(head.isHead(bytes, bytes.length)).isTrue();
        }
    }

    private static byte[] handedOn(byte[] bytes) {
        var head = new RequestHead(0);
        assertThat(head.advance(bytes, bytes.length)).isTrue();
        return head.handedOn(bytes);
    }

    private static void assertRefused(int status, byte[] bytes) {
        for (int split = 0; split < bytes.length; split += 1 + bytes.length / 1024) {
            var head = new RequestHead(0);
            try {
                head.advance(Arrays.copyOf(bytes, split), split);
                head.advance(bytes, bytes.length);
                fail("taken: " + new String(bytes, StandardCharsets.UTF_8));
            } catch (RequestFaultException e) {
                assertThat(e.fault().status())
                        .as(new String(bytes, StandardCharsets.UTF_8))
                        .isEqualTo(status);
            }
        }
    }

    private static byte[] bytes(String text) {
        return text.replace("|", "\r\n").getBytes(StandardCharsets.UTF_8);
    }
}
