package dev.longwave.cluster;

import dev.longwave.broker.testing.FaultProxy;
import dev.longwave.broker.testing.ServerProcess;
import dev.longwave.testing.SignedToken;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** One Longwave server as a process, and the way of its clients to it. */
final class Node implements AutoCloseable {

    private static final Path LAUNCHER =
            Path.of(System.getProperty("longwave.home"), "bin", "longwave");
    private static final Pattern ADMIN_URL =
            Pattern.compile("The admin listener is on (http://\\S+)");
    private static final Duration ANSWER_TIMEOUT = Duration.ofSeconds(30);

    private final ServerProcess process;
    private final FaultProxy door;
    private final HttpClient http =
            HttpClient.newBuilder()
                    .version(HttpClient.Version.HTTP_1_1)
                    .connectTimeout(ANSWER_TIMEOUT)
                    .build();

    private Node(ServerProcess process) {
        this.process = process;
        this.door = new FaultProxy(process.port());
    }

    /** Starts a node with these settings, as {@code key=value}, and waits until it is ready. */
    static Node start(String name, List<String> settings) {
        ServerProcess process = ServerProcess.prepare(name);
        var command =
                new ArrayList<>(
                        List.of(
                                LAUNCHER.toString(),
                                "serve",
                                "--port",
                                Integer.toString(process.port()),
                                "--set",
                                "admin.port=0"));
        settings.forEach(setting -> command.addAll(List.of("--set", setting)));
        var node = new Node(process);
        try {
            process.start(command, node::isReady);
        } catch (RuntimeException e) {
            node.close();
            throw e;
        }
        return node;
    }

    ServerProcess process() {
        return process;
    }

    /** {@return the clients' way to it, to cut} */
    FaultProxy door() {
        return door;
    }

    /** {@return whether it would have clients sent to it} */
    boolean isReady() {
        return process.listens()
                && ADMIN_URL.matcher(process.log()).find()
                && ask("/health/ready").statusCode() == 200;
    }

    /** Asks the node itself, past its door. */
    HttpResponse<String> ask(String target) {
        return send(request(target).build());
    }

    /** Publishes past the door. */
    HttpResponse<String> publish(String topic, String data) {
        return send(
                request("/events/" + topic)
                        .POST(HttpRequest.BodyPublishers.ofString(data))
                        .build());
    }

    /** Publishes binary data past the door. */
    HttpResponse<String> publish(String topic, byte[] data) {
        return send(
                request("/events/" + topic)
                        .header("Content-Type", "application/octet-stream")
                        .POST(HttpRequest.BodyPublishers.ofByteArray(data))
                        .build());
    }

    /** Asks the node itself, past its door, with a token. */
    HttpResponse<String> ask(String target, SignedToken token) {
        return send(request(target).header("Authorization", token.bearer()).build());
    }

    /** Publishes past the door, with a token. */
    HttpResponse<String> publish(String topic, String data, SignedToken token) {
        return send(
                request("/events/" + topic)
                        .header("Authorization", token.bearer())
                        .POST(HttpRequest.BodyPublishers.ofString(data))
                        .build());
    }

    /** {@return a ticket for the client with this token} */
    String ticket(SignedToken token) {
        String answer =
                send(request("/tickets")
                                .header("Authorization", token.bearer())
                                .POST(HttpRequest.BodyPublishers.noBody())
                                .build())
                        .body();
        String member = "\"ticket\":\"";
        int start = answer.indexOf(member) + member.length();
        return answer.substring(start, answer.indexOf('"', start));
    }

    /** Revokes the credentials of {@code subject}. */
    HttpResponse<String> revoke(String subject) {
        return send(
                HttpRequest.newBuilder(URI.create(adminUrl() + "/admin/revoke"))
                        .timeout(ANSWER_TIMEOUT)
                        .header("Content-Type", "application/json")
                        .POST(
                                HttpRequest.BodyPublishers.ofString(
                                        "{\"subject\":\"" + subject + "\"}"))
                        .build());
    }

    /** Asks the node's admin listener. */
    HttpResponse<String> askAdmin(String target) {
        return send(
                HttpRequest.newBuilder(URI.create(adminUrl() + target))
                        .timeout(ANSWER_TIMEOUT)
                        .build());
    }

    /** As the node says at its start. */
    private String adminUrl() {
        Matcher said = ADMIN_URL.matcher(process.log());
        if (!said.find()) {
            throw new IllegalStateException("the node does not say where its admin listener is");
        }
        return said.group(1);
    }

    private HttpRequest.Builder request(String target) {
        return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + process.port() + target))
                .timeout(ANSWER_TIMEOUT);
    }

    private HttpResponse<String> send(HttpRequest request) {
        try {
            return http.send(request, HttpResponse.BodyHandlers.ofString());
        } catch (IOException e) {
            throw new IllegalStateException("no answer from " + request.uri(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        }
    }

    @Override
    public void close() {
        http.shutdownNow();
        door.close();
        process.close();
    }
}
