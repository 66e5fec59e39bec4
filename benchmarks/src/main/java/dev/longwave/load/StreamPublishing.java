package dev.longwave.load;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** A few long requests, each event a line of JSON that names its topic, in a chunk of its own. */
final class StreamPublishing implements Publishing {
    private static final byte[] LINE_ENDS = Requests.bytes("\"}\n\r\n");
    private static final int CHUNK_ENDS_BYTES = 2;

    private final EventLoop loop;
    private final Connector connector;
    private final Requests requests;
    private final Failures failures;
    private final EventData data;
    private final Map<Topic, Line> lines = new HashMap<>();
    private final List<Lane> lanes;

    /** How each line of a topic begins, and where it goes: one request, so that order holds. */
    private static final class Line {
        private final Lane lane;
        private final byte[] beginning;

        Line(Lane lane, byte[] beginning) {
            this.lane = lane;
            this.beginning = beginning;
        }
    }

    StreamPublishing(
            EventLoop loop,
            Connector connector,
            Requests requests,
            int publishers,
            Failures failures) {
        this.loop = loop;
        this.connector = connector;
        this.requests = requests;
        this.failures = failures;
        data = new EventData(requests.dataBytes());
        lanes = Stream.generate(Lane::new).limit(publishers).toList();
    }

    @Override
    public boolean isReady(Topic topic) {
        return line(topic).lane.isReady();
    }

    @Override
    public void publish(Topic topic, long sequence, long dueAt) {
        Line line = line(topic);
        line.lane.publish(line.beginning, sequence, dueAt);
    }

    private Line line(Topic topic) {
        Line line = lines.get(topic);
        if (line == null) {
            line = new Line(lanes.get(lines.size() % lanes.size()), beginning(topic));
            lines.put(topic, line);
        }
        return line;
    }

    private byte[] beginning(Topic topic) {
        String line = "{\"topic\":\"" + topic.name() + "\",\"data\":\"";
        int bytes = line.length() + data.bytes() + LINE_ENDS.length - CHUNK_ENDS_BYTES;
        return Requests.bytes(Integer.toHexString(bytes) + "\r\n" + line);
    }

    private final class Lane implements PublisherConnection.Callback {
        private final byte[] head;
        private final PublisherConnection connection;
        private boolean connected;

        Lane() {
            head = requests.publishStream();
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

        void publish(byte[] beginning, long sequence, long dueAt) {
            ByteBuffer room = connection.room(beginning.length + data.bytes() + LINE_ENDS.length);
            room.put(beginning);
            data.put(room, sequence, dueAt);
            room.put(LINE_ENDS);
            connection.send();
        }
    }
}
