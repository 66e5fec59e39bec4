package dev.longwave.broker.feed;

import static org.assertj.core.api.Assertions.assertThat;

import dev.longwave.broker.Entry;
import dev.longwave.broker.GapReason;
import dev.longwave.broker.Position;
import dev.longwave.broker.testing.RecordingSink.Hole;
import java.time.Instant;
import org.junit.jupiter.api.Test;

/** What readers are told when the log has expired, was replaced or put back, or is erased. */
final class FeedLossTest extends FeedFixture {

    // Holes that cannot be filled

    @Test
    void tellsOfWhatHasExpired() {
        subscribe();
        publish(10);
        arrive(0);
        bus.trim(TOPIC, 3);
        arrive(9);

        schedule.run();

        assertThat(sink.texts()).containsExactly("0", "7", "8", "9");
        assertThat(sink.gaps())
                .containsExactly(new Hole(position(0), position(6), GapReason.EXPIRED, 1));
    }

    @Test
    void tellsOfALogThatWasReplacedByTheTail() {
        subscribe();
        publish(2);
        arrive(0, 1);
        bus.loseEverything();
        publish(2);

        schedule.pass(PERIOD);

        assertThat(sink.texts()).containsExactly("0", "1", "2", "3");
        Hole gap = sink.gaps().getFirst();
        assertThat(sink.gaps()).hasSize(1);
        assertThat(gap.after()).isEqualTo(position(1));
        assertThat(gap.before().sameEpoch(position(2))).isTrue();
        assertThat(gap.reason()).isEqualTo(GapReason.EPOCH_CHANGED);
        assertThat(gap.entriesBefore()).isEqualTo(2);
    }

    @Test
    void readsALogThatWasReplacedToItsEnd() {
        subscribe();
        publish(1);
        arrive(0);
        bus.loseEverything();
        publish(3 * Sequencer.PAGE_ENTRIES);

        schedule.pass(PERIOD); // one check

        assertThat(sink.texts()).isEqualTo(numbers(0, 3 * Sequencer.PAGE_ENTRIES + 1));
        assertThat(sink.gaps()).hasSize(1);
    }

    @Test
    void tellsOfALogThatWasReplacedByItsFirstMessage() {
        subscribe();
        publish(2);
        arrive(0, 1);
        bus.loseEverything();
        publish(2);

        arrive(3);
        schedule.run();
        arrive(1, 2); // stragglers of both

        assertThat(sink.texts()).containsExactly("0", "1", "2", "3");
        assertThat(sink.gaps()).extracting(Hole::reason).containsExactly(GapReason.EPOCH_CHANGED);
        schedule.pass(PERIOD.multipliedBy(3));
        assertThat(sink.entries()).hasSize(4);
        assertThat(sink.gaps()).hasSize(1);
    }

    @Test
    void tellsOfALogThatLostItsNewest() {
        subscribe();
        publish(5);
        arrive(0, 1, 2, 3, 4);
        bus.loseNewest(TOPIC, 2);

        schedule.pass(PERIOD);
        sent.clear();
        bus.publish(TOPIC, text("new"));
        arrive(0);

        assertThat(sink.texts()).containsExactly("0", "1", "2", "3", "4", "new");
        assertThat(sink.gaps()).extracting(Hole::reason).containsExactly(GapReason.LOG_LOST);
        assertThat(sink.gaps().getFirst().entriesBefore()).isEqualTo(5);
    }

    @Test
    void tellsOfALossThatALiveMessageShows() {
        subscribe();
        publish(3);
        arrive(0, 1, 2);
        var next = new Position(position(2).epoch(), position(2).major() + 5);

        // Before the tail is checked: the log goes on after the first one.
        feed.live(TOPIC, position(0), Entry.of(next, Instant.EPOCH, text("new")));

        assertThat(sink.texts()).containsExactly("0", "1", "2", "new");
        assertThat(sink.gaps()).extracting(Hole::reason).containsExactly(GapReason.LOG_LOST);
        assertThat(sink.gaps().getFirst().entriesBefore()).isEqualTo(3);
    }

    @Test
    void forgetsAMessageThatTheLogHasLost() {
        subscribe();
        publish(4);
        arrive(0, 1);
        bus.loseNewest(TOPIC, 2);

        arrive(3);
        schedule.pass(PERIOD.multipliedBy(2));

        assertThat(sink.texts()).containsExactly("0", "1");
        assertThat(sink.gaps()).isEmpty();
        assertThat(schedule.size()).as("what is queued: the next check").isEqualTo(1);
    }

    // Logs that were put back

    @Test
    void tellsOfALogThatWasPutBackAndHasOvertakenTheReader() {
        bus.stamp();
        subscribe();
        publish(5);
        arrive(0, 1, 2, 3, 4);
        bus.loseNewest(TOPIC, 3);
        publish(4); // of which the first three are in the places of those that are lost

        schedule.pass(PERIOD);

        assertThat(sink.texts()).isEqualTo(numbers(0, 9));
        assertThat(sink.gaps())
                .containsExactly(new Hole(position(4), position(1), GapReason.LOG_LOST, 5));
    }

    @Test
    void readsALogAgainThatShowsANewMessageInAnOldPlace() {
        bus.stamp();
        subscribe();
        publish(5);
        arrive(0, 1, 2, 3, 4);
        bus.loseNewest(TOPIC, 3);
        publish(1);

        arrive(5);
        schedule.run();

        assertThat(sink.texts()).isEqualTo(numbers(0, 6));
        assertThat(sink.gaps()).extracting(Hole::reason).containsExactly(GapReason.LOG_LOST);
    }

    @Test
    void trustsNoPreviousPlaceWithoutAStampAfterAnOutage() {
        bus.stamp();
        subscribe();
        publish(3);
        arrive(0, 1, 2);
        bus.loseNewest(TOPIC, 1);
        publish(2);
        feed.suspectAll();

        Position place = position(3); // where 2 was
        feed.live(TOPIC, new Position(place.epoch(), place.major()), sent.get(4).entry());
        schedule.run();

        assertThat(sink.texts()).isEqualTo(numbers(0, 5));
        assertThat(sink.gaps()).extracting(Hole::reason).containsExactly(GapReason.LOG_LOST);
    }

    @Test
    void readsNothingWhileStampsAgree() {
        bus.stamp();
        subscribe();
        publish(3);
        arrive(0, 1, 2, 1);
        schedule.pass(PERIOD);
        feed.suspectAll();
        schedule.run();
        publish(1);
        Position place = position(2);
        feed.live(TOPIC, new Position(place.epoch(), place.major()), sent.get(3).entry());

        assertThat(sink.texts()).isEqualTo(numbers(0, 4));
        assertThat(log.calls).doesNotContain("read " + TOPIC);
    }

    // Logs that are erased

    @Test
    void tellsSinksThatTheLogWasErased() {
        subscribe();
        publish(2);
        arrive(0, 1);

        feed.deleted(TOPIC, position(1));
        feed.deleted(TOPIC, position(1));

        assertThat(sink.deleted()).containsExactly(position(1));
        assertThat(sink.gaps()).isEmpty();
    }

    @Test
    void tellsOfWhatWasErasedBeforeItArrived() {
        subscribe();
        publish(2);
        arrive(0);

        feed.deleted(TOPIC, position(1));

        assertThat(sink.gaps())
                .containsExactly(new Hole(position(0), position(1), GapReason.DELETED, 1));
        assertThat(sink.deleted()).containsExactly(position(1));
    }

    @Test
    void learnsByTheTailThatTheLogWasErased() {
        subscribe();
        publish(2);
        arrive(0, 1);

        log.erasedUpTo = position(1);
        schedule.pass(PERIOD.multipliedBy(2));

        assertThat(sink.deleted()).containsExactly(position(1));
        assertThat(sink.gaps()).isEmpty();
    }

    @Test
    void tellsReadersOfAPatternWithoutMovingThem() {
        feed.subscribe("*", sink);
        publish(2);

        feed.deleted(TOPIC, position(1));

        assertThat(sink.deleted()).containsExactly(position(1));
        assertThat(sink.gaps()).isEmpty();
    }

    // Logs that are empty

    @Test
    void takesTheExpiryOfWhatWasHandedOutForNoHole() {
        subscribe();
        publish(1);
        arrive(0);
        schedule.pass(PERIOD);
        bus.trim(TOPIC, 0);

        for (int i = 1; i < 4; i++) {
            schedule.pass(PERIOD.multipliedBy(20));
            publish(1);
            assertThat(sent.get(i).previous()).isNull();
            arrive(i);
            bus.trim(TOPIC, 0);
        }

        assertThat(sink.texts()).isEqualTo(numbers(0, 4));
        assertThat(sink.gaps()).isEmpty();
        assertThat(log.calls).doesNotContain("read " + TOPIC);
    }

    @Test
    void tellsOfWhatExpiredDuringAnOutage() {
        subscribe();
        publish(1);
        arrive(0);
        log.away = true;
        schedule.pass(PERIOD.multipliedBy(20));
        publish(1); // lost
        bus.trim(TOPIC, 0);
        publish(1);
        log.away = false;

        arrive(2);
        schedule.run();

        assertThat(sink.texts()).containsExactly("0", "2");
        assertThat(sink.gaps())
                .containsExactly(new Hole(position(0), position(1), GapReason.EXPIRED, 1));
    }

    @Test
    void tellsOfWhatExpiredDuringAnOutageWithNothingAfterIt() {
        subscribe();
        publish(1);
        arrive(0);
        log.away = true;
        schedule.pass(PERIOD.multipliedBy(20));
        publish(1); // lost
        bus.trim(TOPIC, 0);
        log.away = false;

        schedule.pass(PERIOD);

        assertThat(sink.gaps())
                .containsExactly(new Hole(position(0), position(1), GapReason.EXPIRED, 1));
        schedule.pass(PERIOD.multipliedBy(3));
        assertThat(sink.gaps()).hasSize(1);
    }

    @Test
    void tellsOfWhatALogTrimmedEarly() {
        log.trimsEarly = true;
        subscribe();
        publish(1);
        arrive(0);
        publish(1); // lost
        bus.trim(TOPIC, 0);

        schedule.pass(PERIOD);

        assertThat(sink.gaps())
                .containsExactly(new Hole(position(0), position(1), GapReason.EXPIRED, 1));
        schedule.pass(PERIOD.multipliedBy(3));
        assertThat(sink.gaps()).hasSize(1);
    }

    @Test
    void tellsOfNothingInALogThatMayTrimEarlyAndDidNot() {
        log.trimsEarly = true;
        subscribe();

        schedule.pass(PERIOD.multipliedBy(20));
        publish(1);
        arrive(0);

        assertThat(sink.texts()).containsExactly("0");
        assertThat(sink.gaps()).isEmpty();
        assertThat(log.calls).doesNotContain("read " + TOPIC);
    }

    @Test
    void tellsOfWhatCameAndWentWhileItReadFromALogThatTrimsEarly() {
        log.trimsEarly = true;
        subscribe();
        publish(1);
        arrive(0);
        log.onRead =
                () -> {
                    log.onRead = () -> {};
                    publish(1); // lost
                    bus.trim(TOPIC, 0);
                };

        feed.announce(TOPIC, new Position(position(0).epoch(), position(0).major() + 1));
        schedule.pass(PERIOD);

        assertThat(sink.gaps())
                .containsExactly(new Hole(position(0), position(1), GapReason.EXPIRED, 1));
    }
}
