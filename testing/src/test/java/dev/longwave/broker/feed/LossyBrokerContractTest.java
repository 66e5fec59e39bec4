package dev.longwave.broker.feed;

import static org.assertj.core.api.Assertions.assertThat;

import dev.longwave.broker.Broker;
import dev.longwave.broker.BrokerProvider;
import dev.longwave.broker.testing.BrokerContractTest;
import dev.longwave.broker.testing.BrokerFaults;
import dev.longwave.broker.testing.RecordingSink;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

final class LossyBrokerContractTest extends BrokerContractTest {

    private final Bus bus = new Bus(clock);
    private final List<LossyBroker> nodes = new ArrayList<>();
    private final BrokerProvider provider = LossyBroker.provider(bus, nodes::add);

    @Override
    protected BrokerProvider provider() {
        return provider;
    }

    @Override
    protected Map<String, String> settingsToKeep(int entries) {
        return Map.of("keep", Integer.toString(entries));
    }

    @Override
    protected Optional<BrokerFaults> faults() {
        return Optional.of(new LossyBrokerFaults(nodes));
    }

    @Test
    void listensToNothingOnceAllHaveLeft() {
        var node = (LossyBroker) createNode();
        var subscriptions = new ArrayList<Broker.Subscription>();
        for (int i = 0; i < 5000; i++) {
            subscriptions.add(node.subscribe(topic + '/' + i, new RecordingSink()));
        }
        assertThat(node.interest()).isEqualTo(5000);

        subscriptions.forEach(Broker.Subscription::close);

        awaitThat("all to be left", () -> node.interest() == 0);
        awaitThat("nothing behind", () -> node.topicsChecked() == 0);
    }
}
