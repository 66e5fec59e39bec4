package dev.longwave.load;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Map;

/** One long request per topic, each event a line of JSON in a chunk of its own. */
final class StreamPublishing implements Publishing {
    private static final byte[] LINE_STARTS = Requests.bytes("{\"data\":\"");
    private static final byte[] LINE_ENDS = Requests.bytes("\"}\n\r\n");
    private static final int CHUNK_ENDS_BYTES = 2;

    private final EventLoop loop;
    private final Connector connector;
    private final Requests requests;
    private final Failures failures;
    private final EventData data;
    private final byte[] chunkSize;
    private final Map<Topic, Stream> streams = new HashMap<>();

    StreamPublishing(EventLoop loop, Connector connector, Requests requests, Failures failures) {
        this.loop = loop;
        this.connector = connector;
        this.requests = requests;
        this.failures = failures;
        data = new EventData(requests.dataBytes());
        int bytes = LINE_STARTS.length + data.bytes() + LINE_ENDS.length - CHUNK_ENDS_BYTES;
        chunkSize = Requests.bytes(Integer.toHexString(bytes) + "\r\n");
    }

    @Override
    public boolean isReady(Topic topic) {
        return stream(topic).isReady();
    }

    @Override
    public void publish(Topic topic, long sequence, long dueAt) {
        stream(topic).publish(sequence, dueAt);
    }

    private Stream stream(Topic topic) {
        return streams.computeIfAbsent(topic, Stream::new);
    }

    private final class Stream implements PublisherConnection.Listener {
        private final byte[] head;
        private final PublisherConnection connection;
        private boolean connected;

        Stream(Topic topic) {
            head = requests.publishStream(topic);
            try {
                connection = new PublisherConnection(loop, connector, this);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        @Override
        public void idle(PublisherConnection ready) {
            connected = true;
            ready.room(head.length).put(head);
            ready.send();
        }

        @Override
        public void broken(PublisherConnection broken) {
            connected = false;
        }

        @Override
        public void failed(String reason) {
            connected = false;
            failures.note(reason);
        }

        boolean isReady() {
            return connected && !connection.hasUnsent();
        }

        void publish(long sequence, long dueAt) {
            ByteBuffer room =
                    connection.room(
                            chunkSize.length
                                    + LINE_STARTS.length
                                    + data.bytes()
                                    + LINE_ENDS.length);
            room.put(chunkSize).put(LINE_STARTS);
            data.put(room, sequence, dueAt);
            room.put(LINE_ENDS);
            connection.send();
        }
    }
}
