package dev.longwave.broker.redis;

import static org.assertj.core.api.Assertions.assertThat;

import dev.longwave.broker.Coverage;
import dev.longwave.broker.Entry;
import dev.longwave.broker.Page;
import dev.longwave.broker.Position;
import dev.longwave.broker.Start;
import dev.longwave.broker.feed.ForeignEntries;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

final class LogPageTest {

    private static final long EPOCH = 7;
    private static final long NOW = 1_000_000;
    private static final Duration TAIL_RETENTION = Duration.ofSeconds(100);

    @Test
    void isCompleteWhereTheCursorIsInTheLog() {
        assertPage(
                log("900-3", true, "900-3", "901-0"), at("900-3"), Coverage.COMPLETE, "900-3", 1);
    }

    @Test
    void isCompleteWhereTheFirstEntryFollowsTheCursorThatWasTrimmed() {
        assertPage(
                log("901-0", false, "900-3", "901-0"), at("900-3"), Coverage.COMPLETE, "900-3", 1);
    }

    @Test
    void isTrimmedWhereTheFirstEntryFollowsALaterOne() {
        assertPage(
                log("901-0", false, "900-3", "901-0"), at("900-2"), Coverage.TRIMMED, "900-3", 1);
        assertPage(log("901-0", false, "900-3", "901-0"), at("10"), Coverage.TRIMMED, "900-3", 1);
    }

    @Test
    void isLostWhereTheLogHasNoPlaceForTheCursor() {
        Page page = page(log("905-0", false, "900-3", "905-0"), at("901-0"), null);

        assertThat(page.coverage()).isEqualTo(Coverage.AHEAD_OF_LOG);
        assertThat(page.from()).isEqualTo(at("900-3"));
        assertThat(page.entries()).as("what was written since").hasSize(1);
    }

    @Test
    void isLostWhereTheLogBeganAnewBeforeTheCursor() {
        assertThat(page(log("905-0", false, "800", "905-0"), at("901-0"), null).coverage())
                .isEqualTo(Coverage.AHEAD_OF_LOG);
    }

    @Test
    void isLostAtACutWhereverTheCursorIs() {
        assertPage(
                lost("905-0", true, "904", "905-0"), at("900-3"), Coverage.AHEAD_OF_LOG, "904", 1);
        assertPage(
                lost("905-0", false, "904", "905-0"), at("903-0"), Coverage.AHEAD_OF_LOG, "904", 1);
        assertPage(lost("904", true, null), at("900-3"), Coverage.AHEAD_OF_LOG, "904", 0);
        assertPage(lost("905-0", false, "904", "905-0"), at("904"), Coverage.COMPLETE, "904", 1);
        assertPage(lost("904", false, null), at("904"), Coverage.COMPLETE, "904", 0);
    }

    @Test
    void isDeletedWhereWhatFollowsTheCursorWas() {
        LogPage log = deleted("905-0", "903-0", "903-0", "905-0");

        assertPage(log, at("900-3"), Coverage.DELETED, "903-0", 1);
        assertPage(log, at("903-0"), Coverage.COMPLETE, "903-0", 1);
        assertPage(deleted("903-0", "903-0", null), at("900-3"), Coverage.DELETED, "903-0", 0);
        assertPage(
                deleted("909-0", "903-0", "906-0", "909-0"),
                at("900-3"),
                Coverage.TRIMMED,
                "906-0",
                1);
    }

    @Test
    void isCompleteAtAMomentSinceTheLogBegan() {
        assertPage(log("905-0", false, "800", "905-0"), at("850"), Coverage.COMPLETE, "850", 1);
        assertPage(log("905-0", false, "800", "905-0"), at("800"), Coverage.COMPLETE, "800", 1);
        assertPage(log("905-0", false, "800", "905-0"), at("799"), Coverage.TRIMMED, "800", 1);
    }

    @Test
    void isCompleteAtTheTailEvenOfALogThatHasExpired() {
        LogPage expired = log("900-3", false, null);

        assertPage(expired, at("900-3"), Coverage.COMPLETE, "900-3", 0);
        assertPage(expired, at("900-2"), Coverage.TRIMMED, "900-3", 0);
        assertPage(expired, at("900-4"), Coverage.AHEAD_OF_LOG, "900-3", 0);
        assertPage(expired, at("901"), Coverage.AHEAD_OF_LOG, "900-3", 0);
    }

    @Test
    void isCompleteAtARecentMomentOfATopicThatNobodyKnows() {
        LogPage unknown = log(null, false, null);

        assertPage(unknown, at("950000"), Coverage.COMPLETE, "950000", 0);
        assertPage(unknown, at("900000"), Coverage.COMPLETE, "900000", 0);
        assertPage(unknown, at("1000000"), Coverage.COMPLETE, "1000000", 0);
        assertPage(unknown, at("899999"), Coverage.TRIMMED, "950000", 0);
        assertPage(unknown, at("1000001"), Coverage.AHEAD_OF_LOG, "950000", 0);
    }

    @Test
    void doesNotTrustAnEntryOfATopicThatNobodyKnows() {
        LogPage unknown = log(null, false, null);

        assertPage(unknown, at("940000-0"), Coverage.TRIMMED, "950000", 0);
        assertPage(unknown, at("960000-0"), Coverage.AHEAD_OF_LOG, "950000", 0);
    }

    @Test
    void saysWhenTheEpochIsAnother() {
        Position cursor = new Position(EPOCH + 1, 900, 4);

        Page page = page(log("901-0", false, "900-3", "901-0"), cursor, null);

        assertThat(page.coverage()).isEqualTo(Coverage.OTHER_EPOCH);
        assertThat(page.from()).isEqualTo(at("900-3"));
    }

    @Test
    void beginsNeverBeyondTheBound() {
        Page page = page(log("950-0", false, "900-3"), at("10-0"), at("700-0"));

        assertThat(page.coverage()).isEqualTo(Coverage.TRIMMED);
        assertThat(page.from()).isEqualTo(at("700-0"));
    }

    @Test
    void isCompleteSinceATimeUnlessSomethingMayHaveBeenTrimmed() {
        LogPage trimmed = log("901-0", false, "900-3", "901-0");

        assertThat(since(trimmed, 901)).isEqualTo(Coverage.COMPLETE);
        assertThat(since(trimmed, 900)).isEqualTo(Coverage.TRIMMED);
        assertThat(since(log("900-3", false, null), 901)).isEqualTo(Coverage.COMPLETE);
        assertThat(since(log("900-3", false, null), 900)).isEqualTo(Coverage.TRIMMED);
        assertThat(since(log(null, false, null), 900_001)).isEqualTo(Coverage.COMPLETE);
        assertThat(since(log(null, false, null), 900_000)).isEqualTo(Coverage.TRIMMED);
    }

    private static Coverage since(LogPage log, long millis) {
        return log.page(Start.since(Instant.ofEpochMilli(millis)), null, TAIL_RETENTION).coverage();
    }

    private static void assertPage(
            LogPage log, Position cursor, Coverage coverage, String from, int entries) {
        Page page = page(log, cursor, null);

        assertThat(page.coverage()).isEqualTo(coverage);
        assertThat(page.from()).isEqualTo(at(from));
        assertThat(page.entries()).hasSize(entries);
    }

    private static Page page(LogPage log, Position cursor, @Nullable Position until) {
        return log.page(Start.after(cursor), until, TAIL_RETENTION);
    }

    private static LogPage log(
            @Nullable String last, boolean found, @Nullable String previous, String... entries) {
        return log(last, found, previous, false, null, entries);
    }

    private static LogPage lost(
            String last, boolean found, @Nullable String previous, String... entries) {
        return log(last, found, previous, true, null, entries);
    }

    private static LogPage deleted(
            String last, String upTo, @Nullable String previous, String... entries) {
        return log(last, false, previous, false, upTo, entries);
    }

    private static LogPage log(
            @Nullable String last,
            boolean found,
            @Nullable String previous,
            boolean cut,
            @Nullable String erased,
            String... entries) {
        return new LogPage(
                EPOCH,
                NOW,
                last == null ? null : at(last),
                found,
                previous == null ? null : at(previous),
                cut,
                false,
                erased == null ? null : at(erased),
                List.of(entries).stream().map(LogPageTest::entry).toList());
    }

    private static Entry entry(String id) {
        return LiveMessage.entry(
                at(id), new byte[0], new byte[0], new ForeignEntries("redis", 1 << 20));
    }

    private static Position at(String id) {
        return EntryIds.position(EPOCH, id);
    }
}
