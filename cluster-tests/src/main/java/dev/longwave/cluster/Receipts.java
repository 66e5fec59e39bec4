package dev.longwave.cluster;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** What was seen of each of some topics, in order. Not safe for several threads. */
final class Receipts {

    private final Map<String, List<Receipt>> byTopic = new HashMap<>();

    /** {@return what was seen of {@code topic}, to add to} */
    List<Receipt> of(String topic) {
        return byTopic.computeIfAbsent(topic, _ -> new ArrayList<>());
    }

    /** {@return all of it} */
    List<Receipt> all() {
        return byTopic.values().stream().flatMap(List::stream).toList();
    }
}
