package dev.longwave.broker.feed;

import static org.assertj.core.api.Assertions.assertThat;

import dev.longwave.broker.Broker;
import dev.longwave.broker.BrokerState;
import dev.longwave.broker.BrokerStatus;
import dev.longwave.broker.Entry;
import dev.longwave.broker.EphemeralMessage;
import dev.longwave.broker.Message;
import dev.longwave.broker.Position;
import dev.longwave.broker.testing.RecordingSink;
import dev.longwave.broker.testing.TestClock;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** A feed whose log, live path, threads, and clock are moved by hand, and one reader. */
abstract class FeedFixture {

    static final String TOPIC = "news";
    static final Duration PERIOD = Duration.ofSeconds(2);

    final Bus bus = new Bus(new TestClock());
    final HandLog log = new HandLog(bus);
    final HandSchedule schedule = new HandSchedule();
    final List<BrokerStatus> statuses = new ArrayList<>();
    final Feed feed = new Feed(PERIOD, statuses::add, schedule);
    final List<Live> sent = new ArrayList<>();
    final RecordingSink sink = new RecordingSink();

    /** A message on its way. */
    record Live(@Nullable Position previous, Entry entry) {}

    FeedFixture() {
        bus.add((_, previous, entry) -> sent.add(new Live(previous, entry)));
        feed.start(log);
    }

    final Broker.Subscription subscribe() {
        return feed.subscribe(TOPIC, sink);
    }

    final void publish(int count) {
        for (int i = 0; i < count; i++) {
            bus.publish(TOPIC, text(Integer.toString(sent.size())));
        }
    }

    final void broadcast(String text) {
        feed.broadcast(TOPIC, EphemeralMessage.of(text(text)));
    }

    static Message text(String text) {
        return Message.of(text.getBytes(StandardCharsets.UTF_8));
    }

    /** Lets these of the messages sent arrive, in this order. */
    final void arrive(int... numbers) {
        for (int number : numbers) {
            Live live = sent.get(number);
            feed.live(TOPIC, live.previous, live.entry);
        }
    }

    final Position position(int number) {
        return sent.get(number).entry.position();
    }

    static List<String> numbers(int from, int to) {
        return IntStream.range(from, to).mapToObj(Integer::toString).toList();
    }

    final Runnable once(Runnable action) {
        return () -> {
            log.onRead = () -> {};
            action.run();
        };
    }

    static void await(CountDownLatch latch) {
        try {
            assertThat(latch.await(5, TimeUnit.MINUTES)).isTrue();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        }
    }

    final List<BrokerState> states() {
        return statuses.stream().map(BrokerStatus::state).toList();
    }
}
