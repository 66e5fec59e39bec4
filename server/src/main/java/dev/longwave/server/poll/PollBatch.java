package dev.longwave.server.poll;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.longwave.core.Batch;
import dev.longwave.core.Cursors;
import dev.longwave.core.Event;
import dev.longwave.server.http.EventJson;
import java.util.ArrayList;
import java.util.List;

/** The events of one response. */
final class PollBatch implements Batch {

    private static final int MAX_EVENTS = 256;
    private static final int MAX_BYTES = 256 << 10;

    private final List<ObjectNode> events = new ArrayList<>();
    private int bytes;

    @Override
    public void add(Event event, Cursors cursors) {
        ObjectNode object = EventJson.object(event);
        if (!event.ephemeral()) {
            object.put("id", cursors.count() == 1 ? event.id() : cursors.id());
        }
        if (event.entry() != null && event.entry().topic() != null) {
            object.put("pattern", event.subscribed());
        }
        events.add(object);
        bytes += event.entry() == null ? 0 : event.entry().message().size();
    }

    /** A response that waits for events needs nothing else. */
    @Override
    public void addHeartbeat(Cursors cursors) {}

    @Override
    public boolean isEmpty() {
        return events.isEmpty();
    }

    @Override
    public boolean isFull() {
        return events.size() >= MAX_EVENTS || bytes >= MAX_BYTES;
    }

    @Override
    public void clear() {
        events.clear();
        bytes = 0;
    }

    List<ObjectNode> events() {
        return List.copyOf(events);
    }
}
