package dev.longwave.hostile;

import java.util.ArrayList;
import java.util.List;

/** One to three HTTP/1 requests on a connection, most of them nearly valid. */
final class Http1Grammar {

    private final Dice dice;
    private final TargetGrammar targets;
    private final BodyGrammar bodies;
    private final List<String> units = new ArrayList<>();

    private Http1Grammar(Dice dice) {
        this.dice = dice;
        this.targets = new TargetGrammar(dice);
        this.bodies = new BodyGrammar(dice, targets);
    }

    static List<byte[]> units(Dice dice) {
        var grammar = new Http1Grammar(dice);
        for (int left = dice.number(1, 3); left > 0; left--) {
            grammar.request();
        }
        return grammar.units.stream().map(Requests::bytes).toList();
    }

    private void request() {
        if (dice.chance(3)) {
            units.add("\r\n");
        }
        units.add(method() + space() + targets.target() + space() + version() + newline());
        if (dice.chance(95)) {
            units.add("Host:" + space() + host() + newline());
        }
        for (int left = dice.number(0, 4); left > 0; left--) {
            units.add(header() + newline());
        }
        switch (dice.number(0, 3)) {
            case 0 -> units.add("\r\n");
            case 1 -> chunked();
            default -> counted();
        }
    }

    private String method() {
        return dice.chance(90)
                ? dice.one("GET", "GET", "POST", "POST", "POST", "HEAD", "OPTIONS", "PUT", "DELETE")
                : dice.one("CONNECT", "TRACE", "PRI", "get", "(junk)", "X-Y", "", dice.noise(8));
    }

    private String version() {
        return dice.chance(90)
                ? "HTTP/1.1"
                : dice.one(
                        "HTTP/1.0",
                        "HTTP/2.0",
                        "HTTP/0.9",
                        "HTTP/1.2",
                        "http/1.1",
                        "",
                        "HTTP/1.1 ");
    }

    private String space() {
        return dice.chance(97) ? " " : dice.one("", "  ", "\t", "\u000b", "\u00a0");
    }

    private String newline() {
        return dice.chance(98) ? "\r\n" : dice.one("\n", "\r", "\r\r\n", "\n\r", "");
    }

    private String host() {
        return dice.chance(95)
                ? dice.one("localhost", "127.0.0.1", "[::1]", "localhost:8080")
                : dice.one("", "evil.example", "a b", "<>", "a,b", dice.noise(8));
    }

    private String header() {
        return switch (dice.number(0, 17)) {
            case 0 -> "Content-Type: " + contentType();
            case 1 -> "Content-Type: application/x-ndjson";
            case 2 ->
                    "Content-Encoding: "
                            + dice.one("gzip", "identity", "br", "x", "gzip, gzip", "");
            case 3 -> "Last-Event-ID: " + targets.cursor();
            case 4 -> "Idempotency-Key: " + dice.one("k", "", "a b", dice.letters(dice.length()));
            case 5 ->
                    "Accept: "
                            + dice.one("*/*", "text/event-stream", "application/json", ";;;", "");
            case 6 ->
                    "Connection: " + dice.one("close", "keep-alive", "Host", "close, x", "Upgrade");
            case 7 ->
                    "Expect: "
                            + dice.one("100-continue", "100-Continue", "x", "", "100-continue, x");
            case 8 -> "Origin: " + dice.one("null", "http://localhost", "http://evil.example", "");
            case 9 ->
                    "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: "
                            + dice.one("AAMAAABkAAQAAP__", "", "AAAA", "!!!!", dice.noise(8));
            case 10 ->
                    "Connection: Upgrade\r\nUpgrade: "
                            + dice.one("websocket", "TLS/1.0", "h2c", "")
                            + "\r\n"
                            + "Sec-WebSocket-Version: 13\r\n"
                            + "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==";
            case 11 ->
                    "Content-Length: "
                            + dice.one("0", "3", "+3", "-1", "0x3", "3, 3", "", "9".repeat(20));
            case 12 ->
                    "Transfer-Encoding: "
                            + dice.one("chunked", "x", "gzip, chunked", "chunked, x", "");
            case 13 -> "Cookie: " + dice.letters(dice.length());
            case 14 -> dice.one("Range: bytes=0-1", "If-None-Match: *", "TE: trailers", "Via: x");
            case 15 ->
                    dice.one(
                            " folded", "no colon", ": empty", "A\u0000: b", "A: b\u0000c", "A : b");
            case 16 -> dice.noise(10) + ":" + dice.noise(20);
            default -> "X-" + dice.letters(3) + ": " + dice.letters(dice.length());
        };
    }

    private String contentType() {
        return dice.one(
                "text/plain",
                "text/plain; charset=utf-8",
                "text/plain; charset=latin1",
                "application/json",
                "Application/X-NDJSON",
                "application/x-ndjson; charset=\"",
                "application/octet-stream",
                "garbage",
                ";;;/",
                "",
                dice.noise(12));
    }

    private void counted() {
        String body = bodies.body();
        int length = dice.chance(90) ? body.length() : dice.number(0, 2 * body.length() + 1);
        units.add("Content-Length: " + length + newline());
        units.add("\r\n");
        units.add(body);
    }

    private void chunked() {
        units.add("Transfer-Encoding:" + space() + "chunked" + newline());
        units.add("\r\n");
        String body = bodies.body();
        int done = 0;
        while (done < body.length()) {
            int end = Math.min(body.length(), done + dice.number(1, 1 + body.length()));
            String data = body.substring(done, end);
            units.add(size(data.length()) + newline() + data + newline());
            done = end;
        }
        units.add(dice.chance(95) ? "0" + extension() + newline() : "");
        if (dice.chance(10)) {
            units.add(dice.one("A: b", "Content-Length: 5", "x", dice.noise(10)) + newline());
        }
        units.add("\r\n");
    }

    private String size(int size) {
        String hex = Integer.toHexString(size);
        if (dice.chance(90)) {
            return hex + extension();
        }
        return dice.one(
                "0x" + hex,
                "+" + hex,
                "-" + hex,
                hex + " ",
                "0".repeat(dice.length()) + hex,
                "ffffffffffffffff" + hex,
                "7fffffff",
                "",
                "x");
    }

    private String extension() {
        return dice.chance(90)
                ? ""
                : dice.one(
                        ";a=b",
                        ";",
                        ";a=\"b\"",
                        " ;a",
                        ";" + dice.noise(9),
                        ";" + dice.letters(dice.length()));
    }
}
