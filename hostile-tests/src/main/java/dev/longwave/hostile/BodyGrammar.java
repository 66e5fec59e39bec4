package dev.longwave.hostile;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.zip.GZIPOutputStream;

/** Bodies to publish: text, lines, and batches, most of them valid. All in ISO 8859-1. */
final class BodyGrammar {

    private static final int DEEPEST = 6;

    private final Dice dice;
    private final TargetGrammar targets;

    BodyGrammar(Dice dice, TargetGrammar targets) {
        this.dice = dice;
        this.targets = targets;
    }

    String body() {
        return switch (dice.number(0, 9)) {
            case 0, 1, 2 -> batch();
            case 3, 4, 5 -> lines();
            case 6 -> dice.letters(dice.length());
            case 7 -> gzipped(dice.chance(50) ? batch() : lines());
            case 8 -> "";
            default -> dice.noise(100);
        };
    }

    private String batch() {
        var events = new StringBuilder();
        for (int left = dice.number(0, 5); left > 0; left--) {
            events.append(events.isEmpty() ? "" : ",").append(event());
        }
        return dice.chance(90) ? "{\"events\":[" + events + "]}" : value(0);
    }

    private String lines() {
        var lines = new StringBuilder();
        for (int left = dice.number(0, 5); left > 0; left--) {
            lines.append(event()).append(dice.one("\n", "\n", "\n", "\r\n", "\n\n", "\r", ""));
        }
        return lines.toString();
    }

    private String event() {
        var event = new StringBuilder("{");
        event.append("\"data\":").append(value(0));
        for (int left = dice.number(0, 4); left > 0; left--) {
            event.append(',').append(member());
        }
        return event.append('}').toString();
    }

    private String member() {
        String name =
                dice.one(
                        "topic",
                        "topic",
                        "type",
                        "key",
                        "id",
                        "end",
                        "attributes",
                        "encoding",
                        "x");
        String value =
                switch (name) {
                    case "topic" -> '"' + targets.topic() + '"';
                    case "id" -> "\"m" + dice.number(0, 99) + '"';
                    case "end" -> dice.one("true", "false");
                    case "attributes" -> "{\"content-type\":" + dice.one("\"a/b\"", string()) + "}";
                    case "encoding" -> dice.one("\"base64\"", "\"x\"");
                    default -> string();
                };
        return '"' + name + "\":" + (dice.chance(85) ? value : value(0));
    }

    private String value(int depth) {
        return switch (dice.number(0, depth < DEEPEST ? 8 : 5)) {
            case 0, 1 -> string();
            case 2 ->
                    dice.one(
                            "0",
                            "-1",
                            "1.5",
                            "1e999999",
                            "-0",
                            "01",
                            "9".repeat(dice.length() + 1));
            case 3 -> dice.one("true", "false", "null", "nul", "NaN");
            case 4 -> dice.one("\"QUJD\"", "\"QUJ\"", "\"????\"");
            case 5 -> dice.chance(10) ? "[".repeat(dice.length()) : "[]";
            case 6 -> "[" + value(depth + 1) + "," + value(depth + 1) + "]";
            default -> "{" + string() + ":" + value(depth + 1) + "}";
        };
    }

    private String string() {
        return '"'
                + switch (dice.number(0, 7)) {
                    case 0 ->
                            dice.one(
                                    "\\ud83d\\ude00",
                                    "\\ud83d",
                                    "\\ude00",
                                    "\\u0000",
                                    "\\u",
                                    "\\x");
                    case 1 ->
                            dice.one("caf\u00c3\u00a9", "caf\u00e9", "\u00c0\u0080", "\t", "\r\n");
                    case 2 -> dice.letters(dice.length());
                    case 3 -> dice.noise(10);
                    default -> dice.letters(3);
                }
                + '"';
    }

    static String gzipped(String text) {
        var bytes = new ByteArrayOutputStream();
        try (OutputStream gzip = new GZIPOutputStream(bytes)) {
            gzip.write(Requests.bytes(text));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toString(StandardCharsets.ISO_8859_1);
    }
}
