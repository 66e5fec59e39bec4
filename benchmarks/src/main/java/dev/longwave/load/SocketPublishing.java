package dev.longwave.load;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The subscribers publish, each over its own WebSocket, one after the other. */
final class SocketPublishing implements Publishing {
    private final EventData data;
    private final Failures failures;
    private final Map<Topic, Room> rooms = new HashMap<>();

    SocketPublishing(Requests requests, Failures failures) {
        this.failures = failures;
        data = new EventData(requests.dataBytes());
    }

    /** Has {@code subscriber} publish to {@code topic} from the time when it is open. */
    void add(Topic topic, Http1Subscriber subscriber, WebSocketStream stream) {
        rooms.computeIfAbsent(topic, _ -> new Room()).members.add(new Member(subscriber, stream));
    }

    @Override
    public boolean isReady(Topic topic) {
        Room room = rooms.get(topic);
        return room != null && room.findOpen();
    }

    @Override
    public void publish(Topic topic, long sequence, long dueAt) {
        Room room = rooms.get(topic);
        if (room == null || !room.findOpen()) {
            throw new IllegalStateException("not ready");
        }
        Member member = room.members.get(room.turn);
        room.turn = (room.turn + 1) % room.members.size();
        if (!member.subscriber.send(member.stream.publishing(data, sequence, dueAt))) {
            failures.note("the connection broke");
        }
    }

    private record Member(Http1Subscriber subscriber, WebSocketStream stream) {}

    private static final class Room {
        private final List<Member> members = new ArrayList<>();
        private int turn;

        /** {@return whether one is open} The next one has its turn. */
        boolean findOpen() {
            for (int i = 0; i < members.size(); i++) {
                if (members.get(turn).subscriber.isOpen()) {
                    return true;
                }
                turn = (turn + 1) % members.size();
            }
            return false;
        }
    }
}
