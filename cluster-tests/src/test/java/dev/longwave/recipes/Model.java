package dev.longwave.recipes;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;

/** A stand-in for a language model: it streams the tokens of a test to its client. */
final class Model implements AutoCloseable {

    private static final String END = "";

    private final HttpServer server;
    private final BlockingQueue<String> tokens = new LinkedBlockingQueue<>();
    private final StringBuilder said = new StringBuilder();

    private Model(HttpServer server) {
        this.server = server;
    }

    static Model start() throws IOException {
        HttpServer server =
                HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        var model = new Model(server);
        server.createContext("/", model::answer);
        server.setExecutor(task -> Thread.ofVirtual().name("model").start(task));
        server.start();
        return model;
    }

    private void answer(HttpExchange exchange) throws IOException {
        try (exchange) {
            exchange.getRequestBody().readAllBytes();
            exchange.sendResponseHeaders(200, 0);
            OutputStream body = exchange.getResponseBody();
            for (String token = tokens.take(); !token.equals(END); token = tokens.take()) {
                body.write(token.getBytes(StandardCharsets.UTF_8));
                body.flush();
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    String url() {
        return "http://127.0.0.1:" + server.getAddress().getPort();
    }

    /** Says a token. {@return all that it has said} */
    String say(String token) {
        said.append(token);
        tokens.add(token);
        return said.toString();
    }

    /** Ends the answer. */
    void end() {
        tokens.add(END);
    }

    String said() {
        return said.toString();
    }

    @Override
    public void close() {
        end();
        server.stop(0);
    }
}
