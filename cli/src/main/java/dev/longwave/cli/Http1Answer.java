package dev.longwave.cli;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.http.HttpHeaders;
import java.net.http.HttpTimeoutException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.LongSupplier;

/** The answer to a request of HTTP/1.1, read as it comes, within a deadline. For one thread. */
final class Http1Answer {

    private static final int MAX_HEAD_BYTES = 64 << 10;
    private static final int MAX_TEXT_BYTES = 1 << 20;
    private static final int POLL_MILLIS = 1_000;
    private static final long TO_THE_END = Long.MAX_VALUE;

    private final Socket socket;
    private final InputStream in;
    private final LongSupplier deadline;
    private final int status;
    private final HttpHeaders headers;
    private int headBytes;

    /**
     * Waits for the head of the answer.
     *
     * @param deadline until when to wait for all of it, by {@link System#nanoTime()}; asked each
     *     second, as it may change
     */
    Http1Answer(Socket socket, LongSupplier deadline) throws IOException {
        this.socket = socket;
        this.in = new BufferedInputStream(socket.getInputStream());
        this.deadline = deadline;
        int code = statusCode(readLine());
        Map<String, List<String>> fields = fields();
        while (code < 200) { // RFC 9110, section 15.2
            code = statusCode(readLine());
            fields = fields();
        }
        this.status = code;
        this.headers = HttpHeaders.of(fields, (_, _) -> true);
    }

    int status() {
        return status;
    }

    HttpHeaders headers() {
        return headers;
    }

    /** Whether the body has a JSON object on each line. */
    boolean isInLines() {
        return headers.firstValue("Content-Type").orElse("").startsWith("application/x-ndjson");
    }

    /** {@return the body; to be asked for once} */
    InputStream body() {
        boolean chunked = headers.firstValue("Transfer-Encoding").isPresent();
        return new Body(
                chunked,
                chunked ? 0 : headers.firstValueAsLong("Content-Length").orElse(TO_THE_END));
    }

    /** {@return the body as text, as far as it is not too long} */
    String text() throws IOException {
        return new String(body().readNBytes(MAX_TEXT_BYTES), StandardCharsets.UTF_8);
    }

    private static int statusCode(String line) throws IOException {
        String[] parts = line.split(" ", 3);
        try {
            if (parts.length > 1 && parts[0].startsWith("HTTP/1.")) {
                return Integer.parseInt(parts[1]);
            }
        } catch (NumberFormatException _) {
            // Said below.
        }
        throw new IOException("the answer is not HTTP/1.1");
    }

    private Map<String, List<String>> fields() throws IOException {
        Map<String, List<String>> fields = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
        for (String line = readLine(); !line.isEmpty(); line = readLine()) {
            int colon = line.indexOf(':');
            if (colon > 0) {
                fields.computeIfAbsent(line.substring(0, colon).strip(), _ -> new ArrayList<>())
                        .add(line.substring(colon + 1).strip());
            }
        }
        return fields;
    }

    private String readLine() throws IOException {
        var line = new ByteArrayOutputStream();
        for (int next = read(); next != '\n'; next = read()) {
            if (++headBytes > MAX_HEAD_BYTES) {
                throw new IOException("the head of the answer is too long");
            }
            line.write(next);
        }
        return line.toString(StandardCharsets.ISO_8859_1).strip();
    }

    private int read() throws IOException {
        var one = new byte[1];
        if (read(one, 0, 1) < 0) {
            throw new EOFException("the connection was closed before the end of the answer");
        }
        return one[0] & 0xff;
    }

    private int read(byte[] target, int offset, int length) throws IOException {
        socket.setSoTimeout(POLL_MILLIS);
        while (true) {
            try {
                return in.read(target, offset, length);
            } catch (SocketTimeoutException _) {
                if (deadline.getAsLong() - System.nanoTime() <= 0) {
                    throw new HttpTimeoutException("no answer in time");
                }
            }
        }
    }

    /** RFC 9112, sections 6 and 7.1. */
    private final class Body extends InputStream {
        private final boolean chunked;
        private long left; // of the body, or of the chunk
        private boolean first = true;
        private boolean over;

        Body(boolean chunked, long length) {
            this.chunked = chunked;
            this.left = length;
        }

        @Override
        public int read() throws IOException {
            var one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
        }

        @Override
        public int read(byte[] target, int offset, int length) throws IOException {
            if (left == 0 && chunked && !over) {
                nextChunk();
            }
            if (left == 0 || over) {
                return -1;
            }
            int count = Http1Answer.this.read(target, offset, (int) Math.min(length, left));
            if (count < 0) {
                if (left == TO_THE_END) {
                    over = true;
                    return -1;
                }
                throw new EOFException("the connection was closed before the end of the answer");
            }
            left -= left == TO_THE_END ? 0 : count;
            return count;
        }

        private void nextChunk() throws IOException {
            headBytes = 0;
            if (!first) {
                var _ = readLine();
            }
            first = false;
            try {
                left = Long.parseLong(readLine().split(";", 2)[0].strip(), 16);
            } catch (NumberFormatException e) {
                throw new IOException("a chunk of the answer has no size", e);
            }
            if (left == 0) {
                over = true;
                while (!readLine().isEmpty()) {} // trailers
            }
        }
    }
}
