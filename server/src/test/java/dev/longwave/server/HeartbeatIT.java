package dev.longwave.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What heartbeats cost the thread that sends them to idle streams. */
final class HeartbeatIT {

    private static final int STREAMS = 100;
    private static final int WARM_UP = 5;
    private static final int MEASURED = 20;

    /**
     * A visit to a sector of the wheel takes this much for all its streams; text would take more.
     */
    private static final long MOST_BYTES = 32;

    @Test
    void allocatesNothingForAHeartbeat() throws Exception {
        List<RawStream> streams = new ArrayList<>();
        try (TestServer server = TestServer.with("sse.heartbeat-interval=PT0.1S")) {
            server.publish("shared", "x");
            for (int i = 0; i < STREAMS; i++) {
                String topic = i % 2 == 0 ? "shared" : "own/" + i;
                streams.add(RawStream.subscribe(server.port(), "/events/" + topic));
            }
            readHeartbeats(streams, WARM_UP);

            long before = allocatedBytes();
            readHeartbeats(streams, MEASURED);
            long allocated = allocatedBytes() - before;

            assertThat(allocated / (STREAMS * MEASURED)).isLessThan(MOST_BYTES);
        } finally {
            for (RawStream stream : streams) {
                stream.close();
            }
        }
    }

    private static void readHeartbeats(List<RawStream> streams, int count) throws Exception {
        for (RawStream stream : streams) {
            for (int i = 0; i < count; i++) {
                String comment = stream.lineWith(":");
                while (!comment.equals(":")) {
                    comment = stream.lineWith(":"); // the opening's comment says more
                }
            }
        }
    }

    private static long allocatedBytes() {
        var threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().equals("longwave-session-pulse"))
                .mapToLong(thread -> threads.getThreadAllocatedBytes(thread.threadId()))
                .sum();
    }
}
