package dev.longwave.hostile;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * Messages that hide a request in another one: two parsers that disagree about where a message ends
 * would let the second one run it. Named as in the literature: "CL.TE" is a message of which the
 * first parser believes Content-Length, and the second Transfer-Encoding.
 */
final class Smuggled {

    /** Stands for the topic of each message, and is as long. */
    private static final String TOPIC = "smuggled/000";

    private static final String REQUEST = hidden(TOPIC);

    private static final String POST = "POST /events/carrier HTTP/1.1\r\n" + Requests.HOST;
    private static final String CHUNKED = "Transfer-Encoding: chunked\r\n";

    private Smuggled() {}

    /**
     * {@return the topic to which message {@code number} would publish: nothing must arrive there}
     */
    static String topic(int number) {
        return "smuggled/%03d".formatted(number);
    }

    /** {@return a request that publishes to {@code topic}} */
    static String hidden(String topic) {
        return Requests.post("/events/" + topic, 4) + "evil";
    }

    /**
     * A message with a hidden request.
     *
     * @param name its shape
     * @param bytes its bytes, in ISO 8859-1
     */
    record Message(String name, String bytes) {

        byte[] bytes(int number) {
            return Requests.bytes(bytes.replace(TOPIC, topic(number)));
        }
    }

    /** {@return all shapes over HTTP/1} */
    static List<Message> overHttp1() {
        var shapes = new ArrayList<Message>();
        lengthsAndEncodings(shapes);
        obfuscatedEncodings(shapes);
        obfuscatedLengths(shapes);
        ignoredBodies(shapes);
        expectations(shapes);
        chunks(shapes);
        heads(shapes);
        return shapes;
    }

    private static String length(int length) {
        return "Content-Length: " + length + "\r\n";
    }

    /** An empty chunked body, and the hidden request behind it. */
    private static String ended() {
        return "0\r\n\r\n" + REQUEST;
    }

    /** A chunked body that is the hidden request. */
    private static String wrapped() {
        return Requests.chunk(REQUEST) + "0\r\n\r\n";
    }

    private static void lengthsAndEncodings(List<Message> shapes) {
        shapes.add(
                new Message("CL.TE", POST + length(ended().length()) + CHUNKED + "\r\n" + ended()));
        shapes.add(
                new Message(
                        "TE, CL", POST + CHUNKED + length(ended().length()) + "\r\n" + ended()));
        int sizeLine = wrapped().indexOf('\n') + 1;
        shapes.add(new Message("TE.CL", POST + CHUNKED + length(sizeLine) + "\r\n" + wrapped()));
        shapes.add(
                new Message("CL, TE.CL", POST + length(sizeLine) + CHUNKED + "\r\n" + wrapped()));
        shapes.add(new Message("TE, CL 0", POST + CHUNKED + length(0) + "\r\n" + wrapped()));
        shapes.add(
                new Message(
                        "HTTP/1.0 with TE",
                        POST.replace("1.1", "1.0")
                                + "Connection: keep-alive\r\n"
                                + CHUNKED
                                + "\r\n"
                                + ended()));
    }

    private static void obfuscatedEncodings(List<Message> shapes) {
        String both = length(ended().length());
        for (String encoding :
                List.of(
                        "Transfer-Encoding: xchunked\r\n",
                        "Transfer-Encoding : chunked\r\n",
                        "Transfer-Encoding\t: chunked\r\n",
                        "Transfer-Encoding:chunked\r\n",
                        "Transfer-Encoding:\tchunked\r\n",
                        "Transfer-Encoding: \u000bchunked\r\n",
                        "Transfer-Encoding: chunked\u000b\r\n",
                        "Transfer-Encoding: \u00a0chunked\r\n",
                        "Transfer-Encoding: \u0000chunked\r\n",
                        "Transfer-Encoding: chunked\u0000\r\n",
                        "Transfer-Encoding: \"chunked\"\r\n",
                        "Transfer-Encoding: 'chunked'\r\n",
                        "Transfer-Encoding: chunked;q=1\r\n",
                        "Transfer-Encoding: chunked, identity\r\n",
                        "Transfer-Encoding: identity, chunked\r\n",
                        "Transfer-Encoding: chunked, chunked\r\n",
                        "Transfer-Encoding: gzip, chunked\r\n",
                        "Transfer-Encoding: chunked, cow\r\n",
                        "Transfer-Encoding: cow\r\nTransfer-Encoding: chunked\r\n",
                        "Transfer-Encoding: chunked\r\nTransfer-Encoding: cow\r\n",
                        "Transfer-Encoding: chunked\r\nTransfer-encoding: identity\r\n",
                        "Transfer-Encoding: identity\r\nTransfer-Encoding: chunked\r\n",
                        "Transfer-Encoding:\r\n chunked\r\n",
                        "Transfer-Encoding:\n chunked\r\n",
                        "Transfer-Encoding\r\n: chunked\r\n",
                        " Transfer-Encoding: chunked\r\n",
                        "X: x\nTransfer-Encoding: chunked\r\n",
                        "X: x\rTransfer-Encoding: chunked\r\n",
                        "X: x\r\rTransfer-Encoding: chunked\r\n",
                        "X: x\r\n Transfer-Encoding: chunked\r\n",
                        "Transfer_Encoding: chunked\r\n",
                        "transfer-encoding: CHUNKED\r\n",
                        "Transfer-Encoding: chunKed\r\n",
                        "Transfer-Encoding: chunked\n",
                        "Foo: bar\r\n\rTransfer-Encoding: chunked\r\n",
                        "Connection: Transfer-Encoding\r\nTransfer-Encoding: chunked\r\n",
                        "Connection: Content-Length\r\nTransfer-Encoding: chunked\r\n")) {
            shapes.add(
                    new Message(
                            "TE.TE " + shown(encoding), POST + both + encoding + "\r\n" + ended()));
        }
    }

    private static void obfuscatedLengths(List<Message> shapes) {
        int n = REQUEST.length();
        for (String length :
                List.of(
                        "Content-Length: 0\r\n" + length(n),
                        length(n) + "Content-Length: 0\r\n",
                        "Content-Length: 0, " + n + "\r\n",
                        "Content-Length: " + n + ", 0\r\n",
                        "Content-Length: +" + n + "\r\n",
                        "Content-Length: -0\r\n",
                        "Content-Length: 0x" + Integer.toHexString(n) + "\r\n",
                        "Content-Length: 0" + Integer.toOctalString(n) + "\r\n",
                        "Content-Length: " + n + ".0\r\n",
                        "Content-Length: " + n + "e0\r\n",
                        "Content-Length: 0 " + n + "\r\n",
                        "Content-Length: " + n + " 0\r\n",
                        "Content-Length: \u000b" + n + "\r\n",
                        "Content-Length: " + n + "\u0000\r\n",
                        "Content-Length : " + n + "\r\n",
                        "Content-Length\t: " + n + "\r\n",
                        " Content-Length: " + n + "\r\n",
                        "Content-Length:\r\n " + n + "\r\n",
                        "Content-Length:\n " + n + "\r\n",
                        "X: x\nContent-Length: " + n + "\r\n",
                        "X: x\rContent-Length: " + n + "\r\n",
                        "Content-Length: \r\n",
                        "Content-Length: 18446744073709551616\r\n",
                        "Content-Length: 4294967296\r\n",
                        "Content-Length: 00000000000000000000000000000000" + n + "\r\n",
                        "Content-Length: \u00b2\r\n")) {
            shapes.add(new Message("CL.CL " + shown(length), POST + length + "\r\n" + REQUEST));
        }
    }

    /** "CL.0" and "0.CL": resources for which nobody expects a body. */
    private static void ignoredBodies(List<Message> shapes) {
        for (String line :
                List.of(
                        "GET /health/live",
                        "GET /history/carrier",
                        "GET /nope",
                        "GET /",
                        "GET /console/",
                        "HEAD /health/live",
                        "HEAD /nope",
                        "OPTIONS /events/carrier",
                        "OPTIONS *",
                        "DELETE /events/carrier",
                        "PUT /publish",
                        "POST /nope",
                        "POST /",
                        "POST /health/live",
                        "POST /events/%zz",
                        "POST /events/**",
                        "POST /publish",
                        "POST /events/carrier?type=gap",
                        "POST http://localhost/nope",
                        "TRACE /",
                        "CONNECT localhost:80")) {
            String head = line + " HTTP/1.1\r\n" + Requests.HOST;
            shapes.add(
                    new Message(
                            "CL.0 " + line, head + length(REQUEST.length()) + "\r\n" + REQUEST));
            shapes.add(new Message("TE.0 " + line, head + CHUNKED + "\r\n" + wrapped()));
        }
        shapes.add(
                new Message(
                        "0.CL with Upgrade",
                        "GET /health/live HTTP/1.1\r\n"
                                + Requests.HOST
                                + "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\n"
                                + "HTTP2-Settings: AAMAAABkAAQAAP__\r\n"
                                + length(REQUEST.length())
                                + "\r\n"
                                + REQUEST));
        shapes.add(
                new Message(
                        "CL.0 as a WebSocket",
                        "GET /events/carrier HTTP/1.1\r\n"
                                + Requests.HOST
                                + "Connection: Upgrade\r\nUpgrade: websocket\r\n"
                                + "Sec-WebSocket-Version: 777\r\n"
                                + "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n"
                                + length(REQUEST.length())
                                + "\r\n"
                                + REQUEST));
    }

    private static void expectations(List<Message> shapes) {
        for (String target : List.of("/events/%zz", "/nope", "/events/carrier", "/publish")) {
            for (String expect :
                    List.of(
                            "Expect: 100-continue\r\n",
                            "Expect: 100-Continue\r\n",
                            "Expect: y 100-continue\r\n",
                            "Expect: 100-continue, 100-continue\r\n",
                            "Expect: 100-continue\r\nExpect: x\r\n",
                            "Expect:\r\n 100-continue\r\n",
                            "Expect: \t100-continue\r\n",
                            "Expect : 100-continue\r\n",
                            "Expect: x\r\n")) {
                String head = "POST " + target + " HTTP/1.1\r\n" + Requests.HOST + expect;
                shapes.add(
                        new Message(
                                "Expect " + target + " " + shown(expect),
                                head + length(REQUEST.length()) + "\r\n" + REQUEST));
            }
        }
        shapes.add(
                new Message(
                        "Expect with TE",
                        "POST /events/%zz HTTP/1.1\r\n"
                                + Requests.HOST
                                + "Expect: 100-continue\r\n"
                                + CHUNKED
                                + "\r\n"
                                + wrapped()));
        shapes.add(
                new Message(
                        "Expect in GET",
                        "GET /health/live HTTP/1.1\r\n"
                                + Requests.HOST
                                + "Expect: 100-continue\r\n"
                                + length(REQUEST.length())
                                + "\r\n"
                                + REQUEST));
    }

    /** Where a chunk, its extension, or its line ends: "TERM.EXT", "EXT.TERM", "SPILL.TERM". */
    private static void chunks(List<Message> shapes) {
        String hex = Integer.toHexString(REQUEST.length() + 5);
        for (String body :
                List.of(
                        "3;\nabc\r\n" + ended(),
                        "3;a\nabc\r\n" + ended(),
                        "3\nabc\n0\n\n" + REQUEST,
                        "3\nabc\r\n" + ended(),
                        "3\rabc\r\n" + ended(),
                        "3\r\nabc\n" + ended(),
                        "3\r\nabc\r" + ended(),
                        "3\r\nabcXX" + ended(),
                        "3\r\nabc" + ended(),
                        "3\r\nabcd\r\n" + ended(),
                        "5\r\nabc\r\n" + ended(),
                        "0x3\r\nabc\r\n" + ended(),
                        "+3\r\nabc\r\n" + ended(),
                        "-3\r\nabc\r\n" + ended(),
                        "3 \r\nabc\r\n" + ended(),
                        " 3\r\nabc\r\n" + ended(),
                        "3_0\r\nabc\r\n" + ended(),
                        "100000003\r\nabc\r\n" + ended(),
                        "10000000000000003\r\nabc\r\n" + ended(),
                        "\r\n3\r\nabc\r\n" + ended(),
                        "2;\nxx\r\n" + hex + "\r\n0\r\n\r\n" + REQUEST + "\r\n0\r\n\r\n",
                        "3;a=\r\nabc\r\n0\r\nX: \n\r\n" + REQUEST,
                        "0\r\nX: x\n\r\n" + REQUEST,
                        "0\r\n\n" + REQUEST,
                        "0\n\r\n" + REQUEST,
                        "0\r\n\r" + REQUEST,
                        "0;\n\r\n" + REQUEST,
                        "00\r\n\n" + REQUEST,
                        "0\r\nContent-Length: 5\r\n" + REQUEST)) {
            shapes.add(new Message("chunks " + shown(body), POST + CHUNKED + "\r\n" + body));
        }
    }

    /** Where a head ends. */
    private static void heads(List<Message> shapes) {
        for (String head :
                List.of(
                        "GET /health/live HTTP/1.1\n" + Requests.HOST + "\n",
                        "GET /health/live HTTP/1.1\r\n" + Requests.HOST + "\n",
                        "GET /health/live HTTP/1.1\r\n" + Requests.HOST + "\r\r\n\n",
                        "GET /health/live HTTP/1.1\r\nHost: localhost\r\rX: x\r\n\r\n",
                        "GET /health/live HTTP/1.1\r\nHost: localhost\nX: x\r\n\r\n",
                        "GET /health/live HTTP/1.1\r\n" + Requests.HOST + "X\r\n\r\n",
                        "GET /health/live HTTP/1.1\r\n" + Requests.HOST + ": x\r\n\r\n",
                        "GET /health/live HTTP/1.1\r\n" + Requests.HOST + "X\u0000: x\r\n\r\n",
                        "GET /health/live HTTP/1.1\r\n" + Requests.HOST + "X: \u0000\r\n\r\n",
                        "GET /health/live\r\n",
                        "GET /health/live HTTP/0.9\r\n" + Requests.HOST + "\r\n",
                        "GET /health/live HTTP/2.0\r\n" + Requests.HOST + "\r\n",
                        "GET /health/live HTTP/1.1\r\n" + Requests.HOST + Requests.HOST + "\r\n",
                        "GET /health/live HTTP/1.1\r\n\r\n")) {
            shapes.add(new Message("head " + shown(head), head + REQUEST));
        }
    }

    private static String shown(String text) {
        var shown = new StringBuilder();
        text.chars()
                .limit(60)
                .forEach(c ->
                        shown.append(
                                c > ' ' && c <= '~'
                                        ? Character.toString(c)
                                        : "%%%02x".formatted(c)));
        return shown.toString();
    }

    /**
     * A request over HTTP/2 which a proxy that does not check it would turn into two.
     *
     * @param name its shape
     * @param block its headers
     * @param body its body; empty for none
     */
    record Downgrade(String name, HeaderBlock block, String body) {

        /** {@return what begins it} */
        Frame head(int number) {
            byte[] bytes =
                    Requests.bytes(
                            new String(block.bytes(), StandardCharsets.ISO_8859_1)
                                    .replace(TOPIC, topic(number)));
            int flags = body.isEmpty() ? Frame.END_STREAM | Frame.END_HEADERS : Frame.END_HEADERS;
            return new Frame(Frame.HEADERS, flags, 1, bytes);
        }

        /** {@return the rest, if there is one} */
        Frame data(int number) {
            byte[] bytes = Requests.bytes(body.replace(TOPIC, topic(number)));
            return new Frame(Frame.DATA, Frame.END_STREAM, 1, bytes);
        }
    }

    /** {@return all shapes over HTTP/2} */
    static List<Downgrade> overHttp2() {
        String tail = " HTTP/1.1\r\n" + Requests.HOST + "\r\n" + REQUEST;
        var shapes = new ArrayList<Downgrade>();
        for (String length : List.of("0", "1", "-0", "+0", "0, 0", "abc", "", "0x0", " 0")) {
            shapes.add(
                    new Downgrade(
                            "H2.CL " + shown(length),
                            HeaderBlock.post("/events/carrier").with("content-length", length),
                            REQUEST));
        }
        shapes.add(
                new Downgrade(
                        "H2.CL twice",
                        HeaderBlock.post("/events/carrier")
                                .with("content-length", Integer.toString(REQUEST.length()))
                                .with("content-length", "0"),
                        REQUEST));
        for (String encoding : List.of("chunked", "xchunked", "identity, chunked", "\tchunked")) {
            shapes.add(
                    new Downgrade(
                            "H2.TE " + shown(encoding),
                            HeaderBlock.post("/events/carrier").with("transfer-encoding", encoding),
                            ended()));
        }
        for (String injected : List.of("\r\n", "\n", "\r", "\0\r\n", "\r\n\r\n")) {
            String header = "x" + injected + "transfer-encoding: chunked";
            String request = "x" + injected + "\r\n" + REQUEST;
            shapes.add(
                    new Downgrade(
                            "H2.TE in a value " + shown(injected),
                            HeaderBlock.post("/events/carrier").with("x", header),
                            ended()));
            shapes.add(
                    new Downgrade(
                            "a request in a value " + shown(injected),
                            HeaderBlock.get("/health/live").with("x", request),
                            ""));
            shapes.add(
                    new Downgrade(
                            "H2.TE in a name " + shown(injected),
                            HeaderBlock.post("/events/carrier").with(header, "x"),
                            ended()));
            shapes.add(
                    new Downgrade(
                            "a request in a name " + shown(injected),
                            HeaderBlock.get("/health/live").with(request, "x"),
                            ""));
        }
        for (String name :
                List.of(
                        "transfer-encoding: chunked\r\nx",
                        "transfer-encoding : chunked",
                        "x:y",
                        "transfer-encoding ",
                        "Transfer-Encoding")) {
            shapes.add(
                    new Downgrade(
                            "H2.TE as a name " + shown(name),
                            HeaderBlock.post("/events/carrier").with(name, "chunked"),
                            ended()));
        }
        shapes.add(new Downgrade("a request in :path", HeaderBlock.get("/health/live" + tail), ""));
        shapes.add(
                new Downgrade(
                        "a request line in :path",
                        HeaderBlock.get("/events/smuggled/000 HTTP/1.1\r\nX: x"),
                        ""));
        shapes.add(
                new Downgrade(
                        "spaces in :path",
                        HeaderBlock.post("/events/smuggled/000 HTTP/1.1"),
                        "evil"));
        shapes.add(
                new Downgrade(
                        "a request in :method",
                        HeaderBlock.request("GET /health/live" + tail + " GET", "/"),
                        ""));
        shapes.add(
                new Downgrade(
                        "a request line in :method",
                        HeaderBlock.request(
                                "POST /events/smuggled/000 HTTP/1.1\r\nX: x\r\n\r\nGET", "/"),
                        ""));
        shapes.add(
                new Downgrade(
                        "a request in :authority",
                        HeaderBlock.empty()
                                .indexed(2)
                                .indexed(6)
                                .named(4, "/health/live")
                                .named(1, "localhost\r\n\r\n" + REQUEST),
                        ""));
        shapes.add(
                new Downgrade(
                        "a request in :scheme",
                        HeaderBlock.empty()
                                .indexed(2)
                                .named(6, "http://localhost/health/live" + tail)
                                .named(4, "/health/live")
                                .named(1, "localhost"),
                        ""));
        for (String header : List.of("connection", "upgrade", "expect", "te", "host")) {
            shapes.add(
                    new Downgrade(
                            "with " + header,
                            HeaderBlock.post("/nope")
                                    .with(header, header.equals("expect") ? "100-continue" : "x"),
                            REQUEST));
        }
        return shapes;
    }
}
