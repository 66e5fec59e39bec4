package dev.longwave.cli;

import dev.longwave.broker.Durations;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.UnknownHostException;
import java.net.http.HttpClient;
import java.net.http.HttpHeaders;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandler;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.HttpTimeoutException;
import java.nio.channels.UnresolvedAddressException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.SSLSocketFactory;
import org.jspecify.annotations.Nullable;

/** What the command line asks of a server, over HTTP. Every call has a deadline. */
final class LongwaveClient implements AutoCloseable {
    /*
     * The deadlines are waits of ours instead of HttpRequest.timeout, which in some versions of the
     * JDK includes the body of the answer, and that of a stream has no end.
     */

    private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(10);
    private static final long MAX_ANSWER_BYTES = 1 << 20;
    private static final Duration MAX_RETRY_AFTER = Duration.ofMinutes(1);

    private final URI server;
    private final String token;
    private final HttpClient http =
            HttpClient.newBuilder()
                    .version(HttpClient.Version.HTTP_1_1)
                    .connectTimeout(CONNECT_TIMEOUT)
                    .build();

    /**
     * @param server an http or https URI, with or without a path of its own
     * @param token what the client presents; empty for nothing
     */
    LongwaveClient(URI server, String token) {
        this.server = server;
        this.token = token;
    }

    /** {@return where to publish to and subscribe to one topic} */
    URI topicUri(String topic, Map<String, String> query) {
        return uri("/events/" + encodePath(topic), query(query));
    }

    /** {@return where to subscribe to several topics on one stream} */
    URI topicsUri(List<String> topics, Map<String, String> query) {
        String names =
                topics.stream()
                        .map(topic -> "topic=" + encode(topic))
                        .collect(Collectors.joining("&"));
        String rest = query(query);
        return uri("/events", rest.isEmpty() ? names : names + "&" + rest);
    }

    /** Posts {@code body} and waits for what becomes of it. */
    Outcome post(URI uri, String contentType, BodyPublisher body, Duration deadline)
            throws InterruptedException {
        HttpRequest request = request(uri).header("Content-Type", contentType).POST(body).build();
        HttpResponse<String> answer;
        try {
            answer =
                    send(
                            http,
                            request,
                            BodyHandlers.limiting(
                                    BodyHandlers.ofString(StandardCharsets.UTF_8),
                                    MAX_ANSWER_BYTES),
                            deadline);
        } catch (IOException e) {
            return new Outcome.Failed(reason(e), Duration.ZERO);
        }
        if (answer.statusCode() != 200) {
            return failure(answer.statusCode(), answer.headers(), answer.body());
        }
        return Json.members(answer.body())
                .<Outcome>map(Outcome.Accepted::new)
                .orElseGet(() -> new Outcome.Refused(new Problem(200, notLongwave())));
    }

    /**
     * Asks for a stream, and returns as soon as the head of the answer is there.
     *
     * @param lastEventId where to go on, empty to start as the URI says
     */
    HttpResponse<StreamBody> stream(URI uri, String lastEventId, Duration deadline)
            throws IOException, InterruptedException {
        HttpRequest.Builder request = request(uri).header("Accept", "text/event-stream");
        if (!lastEventId.isEmpty()) {
            request.header("Last-Event-ID", lastEventId);
        }
        return send(http, request.build(), _ -> new StreamBody(), deadline);
    }

    /** {@return what an answer other than 200 means: whether to try again, and when} */
    static Outcome failure(int status, HttpHeaders headers, String body) {
        Problem problem = Problem.of(status, body);
        boolean worthAnotherTry = status >= 500 || status == 408 || status == 429;
        return worthAnotherTry
                ? new Outcome.Failed(problem.text(), retryAfter(headers))
                : new Outcome.Refused(problem);
    }

    /** {@return the members of a problem for an answer that no Longwave server gives} */
    static Map<String, String> notLongwave() {
        return Map.of("title", "this does not seem to be a Longwave server");
    }

    /** {@return the reason of a failure in words; the JDK often has none} */
    String reason(IOException failure) {
        return reason(server, failure);
    }

    /** {@return the same of a request to {@code server}} */
    static String reason(URI server, IOException failure) {
        if (isUnknownHost(failure)) {
            return "unknown host " + server.getHost();
        }
        if (failure instanceof ConnectException) {
            return "cannot connect to " + server;
        }
        String message = failure.getMessage();
        return message == null ? failure.getClass().getSimpleName() : message;
    }

    private static boolean isUnknownHost(@Nullable Throwable failure) {
        return failure != null
                && (failure instanceof UnknownHostException
                        || failure instanceof UnresolvedAddressException
                        || isUnknownHost(failure.getCause()));
    }

    /** {@return where a request to {@code uri} goes, for a caller that speaks HTTP/1.1 itself} */
    Target target(URI uri) {
        return new Target(uri, token);
    }

    /** Where a request goes, on a connection of its own. */
    record Target(URI uri, String token) {

        @Override
        public String toString() {
            return "Target[" + uri + "]"; // without the token
        }

        /** {@return a new connection, over TLS if that is needed} */
        Socket connect() throws IOException {
            boolean tls = uri.getScheme().equals("https");
            int port = uri.getPort() >= 0 ? uri.getPort() : tls ? 443 : 80;
            String host = uri.getHost().replaceAll("[\\[\\]]", ""); // of IPv6
            var address = new InetSocketAddress(host, port);
            if (address.isUnresolved()) {
                throw new UnknownHostException(host);
            }
            var socket = new Socket();
            try {
                socket.setTcpNoDelay(true);
                socket.connect(address, (int) CONNECT_TIMEOUT.toMillis());
                return tls ? secured(socket, host, port) : socket;
            } catch (SocketTimeoutException e) {
                socket.close();
                throw new ConnectException(
                        "no connection within " + Durations.text(CONNECT_TIMEOUT));
            } catch (IOException | RuntimeException e) {
                socket.close();
                throw e;
            }
        }

        private static Socket secured(Socket socket, String host, int port) throws IOException {
            var tls =
                    (SSLSocket)
                            ((SSLSocketFactory) SSLSocketFactory.getDefault())
                                    .createSocket(socket, host, port, true);
            SSLParameters parameters = tls.getSSLParameters();
            parameters.setEndpointIdentificationAlgorithm("HTTPS");
            parameters.setApplicationProtocols(new String[] {"http/1.1"});
            tls.setSSLParameters(parameters);
            tls.setSoTimeout((int) CONNECT_TIMEOUT.toMillis());
            tls.startHandshake();
            return tls;
        }

        /**
         * {@return the head of a request that posts lines}
         *
         * @param further more fields, each with its line break
         */
        byte[] head(String further) throws IOException {
            String query = uri.getRawQuery() == null ? "" : '?' + uri.getRawQuery();
            if (!token.chars().allMatch(c -> c > ' ' && c < 0x7f)) {
                throw new IOException("the token has a character that no token has");
            }
            String credential = token.isEmpty() ? "" : "Authorization: Bearer " + token + "\r\n";
            return """
            POST %s%s HTTP/1.1\r
            Host: %s\r
            User-Agent: longwave\r
            Content-Type: application/x-ndjson\r
            %s%s\r
            """
                    .formatted(uri.getRawPath(), query, uri.getRawAuthority(), credential, further)
                    .getBytes(StandardCharsets.UTF_8);
        }
    }

    @Override
    public void close() {
        http.shutdownNow();
    }

    /** Sends {@code request}, and waits for the answer up to {@code deadline}. */
    static <T> HttpResponse<T> send(
            HttpClient http, HttpRequest request, BodyHandler<T> handler, Duration deadline)
            throws IOException, InterruptedException {
        CompletableFuture<HttpResponse<T>> answer = http.sendAsync(request, handler);
        try {
            return answer.get(deadline.toNanos(), TimeUnit.NANOSECONDS);
        } catch (TimeoutException _) {
            throw new HttpTimeoutException("no answer within " + Durations.text(deadline));
        } catch (ExecutionException e) {
            switch (e.getCause()) {
                case ConnectException cause -> throw cause;
                case IOException cause -> throw cause;
                case null, default -> throw new IOException("the request failed", e);
            }
        } finally {
            answer.cancel(true);
        }
    }

    private HttpRequest.Builder request(URI uri) {
        HttpRequest.Builder request = HttpRequest.newBuilder(uri);
        return token.isEmpty() ? request : request.header("Authorization", "Bearer " + token);
    }

    private URI uri(String path, String query) {
        String base = server.toString().replaceFirst("/+$", "");
        return URI.create(query.isEmpty() ? base + path : base + path + '?' + query);
    }

    private static String query(Map<String, String> query) {
        return query.entrySet().stream()
                .map(entry -> entry.getKey() + '=' + encode(entry.getValue()))
                .collect(Collectors.joining("&"));
    }

    /** {@return {@code topic} as the rest of a path} */
    static String encodePath(String topic) {
        return encode(topic).replace("%2F", "/");
    }

    /** {@return {@code text} as part of a query} */
    static String encode(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
    }

    /** The form with a date is not worth a parser: backing off is right without it. */
    private static Duration retryAfter(HttpHeaders headers) {
        try {
            long seconds = Long.parseLong(headers.firstValue("Retry-After").orElse("0"));
            return Duration.ofSeconds(Math.clamp(seconds, 0, MAX_RETRY_AFTER.toSeconds()));
        } catch (NumberFormatException _) {
            return Duration.ZERO;
        }
    }
}
