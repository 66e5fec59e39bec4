package com.example.longwave.files;

import dev.longwave.broker.testing.BrokerContractTest;
import dev.longwave.broker.BrokerProvider;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.io.TempDir;

/** All that Longwave asks of a broker, asked of this one. */
final class FilesBrokerContractTest extends BrokerContractTest {

    @TempDir Path directory;

    @Override
    protected BrokerProvider provider() {
        return new FilesBrokerProvider();
    }

    @Override
    protected Map<String, String> deployment() {
        return Map.of("directory", directory.toString(), "flush", "false");
    }

    @Override
    protected Map<String, String> settingsToKeep(int entries) {
        return Map.of();
    }

    @Override
    protected boolean keepsEverything() {
        return true;
    }
}
