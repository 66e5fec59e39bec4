package dev.longwave.hostile;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** The frames of an HTTP/2 connection, most of them nearly valid. */
final class Http2Grammar {

    private static final int MAX_FRAME_BYTES = 16 * 1024;
    private static final byte[] FINAL_PING = {'l', 'o', 'n', 'g', 'w', 'a', 'v', 'e'};

    private final Dice dice;
    private final TargetGrammar targets;
    private final BodyGrammar bodies;
    private final List<byte[]> units = new ArrayList<>();
    private int nextStream = 1;

    private Http2Grammar(Dice dice) {
        this.dice = dice;
        this.targets = new TargetGrammar(dice);
        this.bodies = new BodyGrammar(dice, targets);
    }

    /** {@return whether {@code frame} answers the PING that ends all these units} */
    static boolean answersFinalPing(Frame frame) {
        return frame.type() == Frame.PING && Arrays.equals(frame.payload(), FINAL_PING);
    }

    static List<byte[]> units(Dice dice) {
        var grammar = new Http2Grammar(dice);
        grammar.units.add(Http2Wire.PREFACE);
        grammar.add(new Frame(Frame.SETTINGS, 0, 0, grammar.settings()));
        for (int left = dice.number(1, 12); left > 0; left--) {
            grammar.some();
        }
        grammar.add(new Frame(Frame.PING, 0, 0, FINAL_PING));
        return grammar.units;
    }

    private void add(Frame frame) {
        units.add(frame.bytes());
    }

    private byte[] settings() {
        if (dice.chance(60)) {
            return new byte[0];
        }
        Frame setting =
                switch (dice.number(0, 5)) {
                    case 0 -> Frame.setting(1, dice.number(0, 4096));
                    case 1 -> Frame.setting(2, dice.number(0, 2));
                    case 2 -> Frame.setting(3, dice.number(0, 100));
                    case 3 -> Frame.setting(4, dice.number(-1, 1) * dice.number(0, 70_000));
                    case 4 -> Frame.setting(5, dice.number(16_383, 20_000));
                    default -> Frame.setting(dice.number(6, 70_000), dice.number(0, 9));
                };
        return dice.chance(95) ? setting.payload() : dice.noiseBytes(20);
    }

    private void some() {
        switch (dice.number(0, 19)) {
            case 0 -> add(new Frame(Frame.SETTINGS, dice.number(0, 1), stream(90), settings()));
            case 1 ->
                    add(
                            new Frame(
                                    Frame.PING,
                                    dice.number(0, 1),
                                    stream(90),
                                    new byte[dice.chance(90) ? 8 : 7]));
            case 2 ->
                    add(new Frame(Frame.PRIORITY, 0, stream(0), new byte[dice.chance(90) ? 5 : 4]));
            case 3 -> add(Frame.ofInt(Frame.RST_STREAM, stream(5), dice.number(0, 20)));
            case 4 ->
                    add(
                            Frame.ofInt(
                                    Frame.WINDOW_UPDATE,
                                    stream(30),
                                    dice.chance(90) ? dice.number(1, 70_000) : dice.number(-1, 0)));
            case 5 ->
                    add(new Frame(Frame.DATA, dice.number(0, 15), stream(5), dice.noiseBytes(50)));
            case 6 ->
                    add(
                            new Frame(
                                    dice.number(0, 255),
                                    dice.number(0, 255),
                                    dice.number(0, 9),
                                    dice.noiseBytes(50)));
            case 7 -> add(new Frame(Frame.PUSH_PROMISE, 4, stream(5), dice.noiseBytes(20)));
            case 8 ->
                    add(
                            new Frame(
                                    Frame.HEADERS,
                                    dice.number(0, 63),
                                    stream(5),
                                    dice.noiseBytes(50)));
            case 9 ->
                    add(
                            new Frame(
                                    Frame.CONTINUATION,
                                    dice.number(0, 4),
                                    stream(5),
                                    dice.noiseBytes(20)));
            default -> request();
        }
    }

    /** Often one that there is; the connection in so many of a hundred cases. */
    private int stream(int connection) {
        return dice.chance(connection) ? 0 : dice.number(0, nextStream + 1);
    }

    private void request() {
        int stream = nextStream;
        nextStream = Math.max(0, nextStream + (dice.chance(97) ? 2 : dice.number(-2, 5)));
        boolean upload = dice.chance(50);
        byte[] block = block(upload);
        int flags = upload ? 0 : Frame.END_STREAM;
        if (dice.chance(80)) {
            add(new Frame(Frame.HEADERS, flags | Frame.END_HEADERS, stream, block));
        } else {
            split(stream, flags, block);
        }
        if (upload) {
            upload(stream, Requests.bytes(bodies.body()));
        }
    }

    private void split(int stream, int flags, byte[] block) {
        int at = dice.number(0, block.length);
        add(new Frame(Frame.HEADERS, flags, stream, Arrays.copyOf(block, at)));
        add(new Frame(Frame.CONTINUATION, 0, stream, new byte[0]));
        add(
                new Frame(
                        Frame.CONTINUATION,
                        Frame.END_HEADERS,
                        stream,
                        Arrays.copyOfRange(block, at, block.length)));
    }

    private void upload(int stream, byte[] body) {
        for (int at = 0; at < body.length; at += MAX_FRAME_BYTES) {
            byte[] part = Arrays.copyOfRange(body, at, Math.min(body.length, at + MAX_FRAME_BYTES));
            add(new Frame(Frame.DATA, 0, stream, part));
        }
        if (dice.chance(90)) {
            add(new Frame(Frame.DATA, Frame.END_STREAM, stream, new byte[0]));
        } else if (dice.chance(50)) {
            byte[] trailers = HeaderBlock.empty().with("a", "b").bytes();
            add(new Frame(Frame.HEADERS, Frame.END_STREAM | Frame.END_HEADERS, stream, trailers));
        }
    }

    private byte[] block(boolean upload) {
        String path = targets.target();
        HeaderBlock block;
        if (dice.chance(85)) {
            block = upload ? HeaderBlock.post(path) : HeaderBlock.get(path);
        } else if (dice.chance(70)) {
            block =
                    HeaderBlock.request(
                            dice.one("HEAD", "OPTIONS", "PUT", "(junk)", "", "CONNECT"), path);
        } else {
            block = HeaderBlock.empty().with(":path", path).indexed(2);
        }
        for (int left = dice.number(0, 4); left > 0; left--) {
            header(block);
        }
        return block.bytes();
    }

    private void header(HeaderBlock block) {
        switch (dice.number(0, 11)) {
            case 0 ->
                    block.with(
                            "content-type",
                            dice.one(
                                    "application/x-ndjson",
                                    "text/plain",
                                    ";;;/",
                                    "",
                                    "application/x-ndjson; charset=\""));
            case 1 -> block.with("content-length", dice.one("0", "3", "-1", "abc", "3, 3", ""));
            case 2 -> block.with("last-event-id", targets.cursor());
            case 3 ->
                    block.with(
                            dice.one(
                                    "connection",
                                    "transfer-encoding",
                                    "te",
                                    "upgrade",
                                    "keep-alive"),
                            dice.one("close", "chunked", "trailers", "h2c"));
            case 4 ->
                    block.with(
                            dice.one(
                                    ":path",
                                    ":method",
                                    ":x",
                                    ":status",
                                    ":scheme",
                                    ":authority",
                                    ":protocol"),
                            dice.one("/", "GET", "", "http"));
            case 5 -> block.with("X-" + dice.letters(2).toUpperCase(Locale.ROOT), "x");
            case 6 -> block.with(dice.noise(8), dice.noise(8));
            case 7 -> block.entered("x-" + dice.letters(2), dice.letters(dice.length()));
            case 8 -> block.indexed(dice.chance(70) ? dice.number(1, 70) : dice.number(0, 100_000));
            case 9 -> block.raw(dice.noiseBytes(6));
            case 10 -> block.raw(new byte[] {(byte) (0x20 | dice.number(0, 31))});
            default -> block.with("content-encoding", dice.one("gzip", "identity", "br"));
        }
    }
}
