package dev.longwave.server.browser;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import javax.net.ssl.SSLContext;

/**
 * The web application beside Longwave, on each site that resolves to loopback: an empty page, and a
 * request that signs in or renews the session, which sets a cookie.
 */
final class Application implements AutoCloseable {

    private static final byte[] PAGE =
            "<!doctype html><title>app</title>".getBytes(StandardCharsets.UTF_8);

    private final HttpsServer server;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private volatile String cookie = "";

    private Application(HttpsServer server) {
        this.server = server;
    }

    static Application start(SSLContext certified) throws IOException {
        HttpsServer server =
                HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setHttpsConfigurator(new HttpsConfigurator(certified));
        var application = new Application(server);
        server.setExecutor(application.threads);
        server.createContext("/", application::answer);
        server.start();
        return application;
    }

    private void answer(HttpExchange exchange) throws IOException {
        try (exchange) {
            if (exchange.getRequestURI().getPath().equals("/sign-in")) {
                exchange.getResponseHeaders().add("Set-Cookie", cookie);
            }
            exchange.getResponseHeaders().add("Content-Type", "text/html");
            exchange.sendResponseHeaders(200, PAGE.length);
            exchange.getResponseBody().write(PAGE);
        }
    }

    /** The cookie that {@code /sign-in} sets from now on, with its attributes. */
    void issue(String setCookie) {
        cookie = setCookie;
    }

    /** {@return what pages of the site say in {@code Origin}} */
    String origin(String host) {
        return "https://" + host + ':' + server.getAddress().getPort();
    }

    @Override
    public void close() {
        server.stop(0);
        threads.close();
    }
}
