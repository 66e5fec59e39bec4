package dev.longwave.server.resume;

import dev.longwave.broker.Settings;
import dev.longwave.server.LongwaveServer;
import dev.longwave.testing.ServerUnderTest;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/** A server in the test's own process, on one free port for all its life. */
final class InProcessServer implements ServerUnderTest {

    private final Map<String, String> settings = new HashMap<>();
    private volatile LongwaveServer server;

    private InProcessServer(String... settings) {
        this.settings.put("server.port", "0");
        this.settings.put("admin.port", "0");
        this.settings.put("server.drain-timeout", "PT2S");
        for (String setting : settings) {
            String[] parts = setting.split("=", 2);
            this.settings.put(parts[0], parts[1]);
        }
        this.server = start();
        this.settings.put("server.port", Integer.toString(server.port()));
    }

    /** A server with these settings, as {@code key=value}. */
    static InProcessServer with(String... settings) {
        return new InProcessServer(settings);
    }

    private LongwaveServer start() {
        return LongwaveServer.start(new Settings(settings), Path.of("no-plugins"));
    }

    @Override
    public int port() {
        return server.port();
    }

    @Override
    public long pid() {
        return ProcessHandle.current().pid();
    }

    @Override
    public void restart() {
        server.close();
        server = start();
    }

    @Override
    public void close() {
        server.close();
    }
}
