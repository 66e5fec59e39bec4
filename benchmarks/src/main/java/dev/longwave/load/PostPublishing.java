package dev.longwave.load;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Map;
import java.util.Queue;

/** One request per event, over some keep-alive connections. */
final class PostPublishing implements Publishing {
    private final Requests requests;
    private final EventData data;
    private final Failures failures;
    private final Queue<PublisherConnection> idle = new ArrayDeque<>();
    private final Map<Topic, byte[]> heads = new HashMap<>();
    private final byte[] ends;
    private Runnable open;

    PostPublishing(
            EventLoop loop,
            Connector connector,
            Requests requests,
            Failures failures,
            int connections) {
        this.requests = requests;
        this.failures = failures;
        data = new EventData(requests.dataBytes());
        ends = requests.publishEnds();
        open = () -> open(loop, connector, connections);
    }

    private void open(EventLoop loop, Connector connector, int connections) {
        var callback = new IdleConnections();
        try {
            for (int i = 0; i < connections; i++) {
                var _ = new PublisherConnection(loop, connector, callback);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * {@inheritDoc} It opens the connections when it is first asked: while subscribers connect, a
     * server would close them for being idle.
     */
    @Override
    public boolean isReady(Topic topic) {
        open.run();
        open = () -> {};
        return !idle.isEmpty();
    }

    @Override
    public void publish(Topic topic, long sequence, long dueAt) {
        byte[] head = heads.computeIfAbsent(topic, requests::publish);
        PublisherConnection connection = idle.remove();
        ByteBuffer room = connection.room(head.length + data.bytes() + ends.length);
        room.put(head);
        data.put(room, sequence, dueAt);
        room.put(ends);
        connection.send();
    }

    private final class IdleConnections implements PublisherConnection.Callback {
        @Override
        public void idle(PublisherConnection connection) {
            idle.add(connection);
        }

        @Override
        public void broken(PublisherConnection connection) {
            idle.remove(connection);
        }

        @Override
        public void failed(String reason) {
            failures.note(reason);
        }
    }
}
