package dev.longwave.broker.feed;

import dev.longwave.broker.Broker;
import dev.longwave.broker.feed.LossyBroker.Wire;
import dev.longwave.broker.testing.BrokerFaults;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/**
 * Breaks the wires of some nodes.
 *
 * @param nodes all nodes, which the servers' own faults concern; may grow
 */
record LossyBrokerFaults(List<LossyBroker> nodes) implements BrokerFaults {

    @Override
    public Set<Fault> possible() {
        return EnumSet.allOf(Fault.class);
    }

    @Override
    public Injected inject(Fault fault, Broker node) {
        List<LossyBroker> one = List.of((LossyBroker) node);
        return switch (fault) {
            case CUT, REFUSE -> cut(one);
            case KILL -> cut(nodes);
            case BLACKHOLE -> put(Wire.SILENT, one);
            case FREEZE -> put(Wire.SILENT, nodes);
            case LOSE_LIVE -> put(Wire.NO_LIVE, one);
            case LOSE_ACK -> put(Wire.NO_ACK, one);
        };
    }

    /** The only kind of fault that client libraries tell of. */
    private static Injected cut(List<LossyBroker> nodes) {
        Injected refused = put(Wire.REFUSED, nodes);
        nodes.forEach(node -> node.feed().disconnected("cut, for a test"));
        return () -> {
            refused.close();
            nodes.forEach(node -> node.feed().suspectAll());
        };
    }

    private static Injected put(Wire wire, List<LossyBroker> nodes) {
        nodes.forEach(node -> node.wire(wire));
        return () -> nodes.forEach(node -> node.wire(Wire.WELL));
    }
}
