package dev.longwave.server.presence;

import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/** Carries the hints of all nodes, and loses some. For one thread. */
final class FakeHints {

    private final BooleanSupplier losing;
    private final List<Consumer<List<Change>>> nodes = new ArrayList<>();

    FakeHints(BooleanSupplier losing) {
        this.losing = losing;
    }

    Hints open(Consumer<List<Change>> hearing) {
        nodes.add(hearing);
        return new Hints() {
            @Override
            public void publish(List<Change> changes) {
                for (Consumer<List<Change>> node : List.copyOf(nodes)) {
                    if (!node.equals(hearing) && !losing.getAsBoolean()) {
                        node.accept(changes);
                    }
                }
            }

            @Override
            public void close() {
                nodes.remove(hearing);
            }
        };
    }
}
