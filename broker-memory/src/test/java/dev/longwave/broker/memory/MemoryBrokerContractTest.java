package dev.longwave.broker.memory;

import dev.longwave.broker.BrokerProvider;
import dev.longwave.broker.testing.BrokerContractTest;
import java.util.Map;

final class MemoryBrokerContractTest extends BrokerContractTest {

    @Override
    protected BrokerProvider provider() {
        return new MemoryBrokerProvider();
    }

    @Override
    protected Map<String, String> settingsToKeep(int entries) {
        return Map.of("retention-count", Integer.toString(entries), "retention-bytes", "64MiB");
    }
}
