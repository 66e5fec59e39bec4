package dev.longwave.cli;

import java.net.URI;
import java.net.http.WebSocket;
import java.net.http.WebSocketHandshakeException;
import java.nio.ByteBuffer;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/** Checks that a WebSocket opens, and that frames pass in both directions. */
final class WebSocketCheck {

    private static final long MILLIS = DoctorClient.DEADLINE.toMillis();
    private static final String FIX =
            "pass the upgrade on (nginx: proxy_http_version 1.1; proxy_set_header Upgrade"
                    + " $http_upgrade; proxy_set_header Connection upgrade)";

    private final URI socket;
    private final String origin;
    private final DoctorClient client;
    private final DoctorReport report;

    /**
     * @param origin what to send as {@code Origin}, empty for nothing
     */
    WebSocketCheck(URI socket, String origin, DoctorClient client, DoctorReport report) {
        this.socket = socket;
        this.origin = origin;
        this.client = client;
        this.report = report;
    }

    /** Takes the first pong, or the end of the connection. */
    private static final class Pong implements WebSocket.Listener {

        private final CompletableFuture<Boolean> came = new CompletableFuture<>();

        @Override
        public @Nullable CompletionStage<?> onPong(WebSocket webSocket, ByteBuffer message) {
            came.complete(true);
            return null;
        }

        @Override
        public @Nullable CompletionStage<?> onClose(
                WebSocket webSocket, int statusCode, String reason) {
            came.complete(false);
            return null;
        }

        @Override
        public void onError(WebSocket webSocket, Throwable error) {
            came.complete(false);
        }

        @Override
        public void onOpen(WebSocket webSocket) {
            webSocket.request(Long.MAX_VALUE);
        }
    }

    /** {@return whether there was an answer} */
    boolean run() throws InterruptedException {
        Map<String, String> headers = origin.isEmpty() ? Map.of() : Map.of("Origin", origin);
        var pong = new Pong();
        WebSocket opened;
        try {
            opened = client.webSocket(socket, headers, pong).get(MILLIS, TimeUnit.MILLISECONDS);
        } catch (ExecutionException e) {
            return refused(e.getCause());
        } catch (TimeoutException _) {
            report.found("websocket", "the request to upgrade gets no answer", FIX);
            return false;
        }
        try {
            checkFrames(opened, pong);
        } finally {
            opened.abort();
        }
        return true;
    }

    private void checkFrames(WebSocket opened, Pong pong) throws InterruptedException {
        long began = System.nanoTime();
        try {
            opened.sendPing(ByteBuffer.wrap(new byte[] {1})).get(MILLIS, TimeUnit.MILLISECONDS);
            if (pong.came.get(MILLIS, TimeUnit.MILLISECONDS)) {
                long micros = (System.nanoTime() - began) / 1_000;
                report.passed(
                        "websocket",
                        String.format(
                                Locale.ROOT,
                                "it opens, and a ping is answered within %.1f ms",
                                micros / 1e3));
                return;
            }
        } catch (ExecutionException | TimeoutException _) {
            // The same as a connection that was closed.
        }
        report.found(
                "websocket-frames",
                "a WebSocket opens, but a ping gets no answer",
                "look for a proxy that upgrades, and then does not pass bytes on");
    }

    private boolean refused(@Nullable Throwable cause) {
        if (cause instanceof WebSocketHandshakeException refusal && refusal.getResponse() != null) {
            int status = refusal.getResponse().statusCode();
            if (status == 401 || status == 403) {
                report.unchecked(
                        "websocket",
                        "the answer is %d: give --token-file or --cookie-file".formatted(status));
            } else {
                report.found(
                        "websocket",
                        "the upgrade to WebSocket is answered with %d, not 101".formatted(status),
                        FIX);
            }
            return true;
        }
        report.found(
                "websocket",
                "the connection breaks during the upgrade to WebSocket"
                        + (cause == null ? "" : ": " + cause.getMessage()),
                FIX);
        return false;
    }
}
