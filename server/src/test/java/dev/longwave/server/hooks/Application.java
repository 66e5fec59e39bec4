package dev.longwave.server.hooks;

import com.fasterxml.jackson.databind.JsonNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.longwave.server.http.Json;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** An application that takes hooks: checks each signature, and answers as the test says. */
public final class Application implements AutoCloseable {

    /** What it shares with the server. */
    public static final String SECRET = HookSecretTest.SECRET;

    private final List<Received> received = new CopyOnWriteArrayList<>();
    private final List<String> forged = new CopyOnWriteArrayList<>();
    private final HttpServer server;
    private volatile Answer answer = _ -> new Response(200, "{}");

    /** A request whose signature was right. */
    public record Received(String id, JsonNode body) {

        public String type() {
            return body.path("type").asText();
        }

        public JsonNode data() {
            return body.path("data");
        }
    }

    /** What to answer. */
    public record Response(int status, String body) {}

    /** Says what to answer. */
    public interface Answer {
        Response to(Received request) throws IOException, InterruptedException;
    }

    public Application() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        server.createContext("/hooks", this::handle);
        server.start();
    }

    public String url() {
        return "http://127.0.0.1:%d/hooks".formatted(server.getAddress().getPort());
    }

    /** Has it answer in another way. */
    public void answer(Answer next) {
        answer = next;
    }

    /** Has it answer nothing, until the latch opens. */
    public void hang(CountDownLatch until) {
        answer(_ -> {
            until.await();
            return new Response(200, "{}");
        });
    }

    public List<Received> received() {
        return List.copyOf(received);
    }

    /** {@return the types of all requests, in order, with the user if there is one} */
    public List<String> words() {
        var words = new ArrayList<String>();
        for (Received each : received) {
            String user = each.data().path("user").asText("");
            words.add(user.isEmpty() ? each.type() : each.type() + ' ' + user);
        }
        return words;
    }

    /** {@return what was not signed as it must be} */
    public List<String> forged() {
        return List.copyOf(forged);
    }

    private void handle(HttpExchange exchange) throws IOException {
        byte[] body = exchange.getRequestBody().readAllBytes();
        String id = exchange.getRequestHeaders().getFirst("webhook-id");
        String time = exchange.getRequestHeaders().getFirst("webhook-timestamp");
        String signature = exchange.getRequestHeaders().getFirst("webhook-signature");
        if (!exchange.getRequestMethod().equals("POST")
                || !signature.equals(signature(id, time, body))
                || Math.abs(Long.parseLong(time) * 1000 - System.currentTimeMillis()) > 300_000) {
            forged.add(new String(body, StandardCharsets.UTF_8));
        }
        var request = new Received(id, Json.parse(body, 0, body.length));
        received.add(request);
        try {
            Response response = answer.to(request);
            byte[] bytes = response.body().getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(response.status(), bytes.length == 0 ? -1 : bytes.length);
            exchange.getResponseBody().write(bytes);
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        } finally {
            exchange.close();
        }
    }

    /** As the specification says, and not as the server's own code does. */
    private static String signature(String id, String time, byte[] body) {
        byte[] key = Base64.getDecoder().decode(SECRET.split("_", 2)[1]);
        String signed = id + '.' + time + '.' + new String(body, StandardCharsets.UTF_8);
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(key, "raw"));
            byte[] code = mac.doFinal(signed.getBytes(StandardCharsets.UTF_8));
            return "v1," + Base64.getEncoder().encodeToString(code);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
