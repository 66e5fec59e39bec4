package dev.longwave.cli;

import dev.longwave.broker.Settings;
import dev.longwave.server.LongwaveServer;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/** A server within the test's process. */
final class DoctorServer implements AutoCloseable {

    private final LongwaveServer server;

    private DoctorServer(LongwaveServer server) {
        this.server = server;
    }

    /** A server with these settings, as {@code key=value}, on a free port. */
    static DoctorServer with(String... settings) {
        Map<String, String> values = new HashMap<>();
        values.put("server.port", "0");
        values.put("admin.port", "0");
        values.put("server.drain-timeout", "PT2S");
        for (String setting : settings) {
            String[] parts = setting.split("=", 2);
            values.put(parts[0], parts[1]);
        }
        return new DoctorServer(LongwaveServer.start(new Settings(values), Path.of("no-plugins")));
    }

    int port() {
        return server.port();
    }

    String url() {
        return server.url();
    }

    String adminUrl() {
        return server.adminUrl();
    }

    @Override
    public void close() {
        server.close();
    }
}
