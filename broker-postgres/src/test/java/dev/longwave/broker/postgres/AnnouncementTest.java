package dev.longwave.broker.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import dev.longwave.broker.Position;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

final class AnnouncementTest {

    @Test
    void comesBackAsItWent() {
        var newest = new HashMap<String, Announcement.Place>();
        for (String topic : List.of("a", " ", "a b", "é", "😀", "1 2", "'; --", "x".repeat(255))) {
            newest.put(topic, place(Long.MAX_VALUE - newest.size()));
        }

        assertThat(readBack(newest)).isEqualTo(newest);
    }

    @Test
    void fitsIntoWhatTheServerTakes() {
        var newest = new HashMap<String, Announcement.Place>();
        for (long i = 1; i <= 500; i++) {
            newest.put("é".repeat(100) + i, place(i));
        }

        assertThat(Announcement.payloads(newest))
                .hasSizeGreaterThan(1)
                .allMatch(it -> it.getBytes(StandardCharsets.UTF_8).length <= 7_999);
        assertThat(readBack(newest)).isEqualTo(newest);
    }

    @Test
    void leavesOutWhatOthersSend() {
        assertThat(Announcement.parse("hello\n\n -1\n-3 a\nx y\n7~x u\n7~-1 v\n7 t\n9"))
                .containsExactly(new Announcement("t", new Announcement.Place(7, 0)));
    }

    @Test
    void tellsOfADeletion() {
        String payload = Announcement.ofDeletion("a b", new Position(3, 7).stamped(5));

        assertThat(Announcement.isOfDeletion(payload)).isTrue();
        assertThat(Announcement.parse(payload.substring(1)))
                .containsExactly(new Announcement("a b", new Announcement.Place(7, 5)));
    }

    @Test
    void prefersTheLaterOfTwoPlaces() {
        var before = new Announcement.Place(9, 100);
        var putBack = new Announcement.Place(6, 200);

        assertThat(before.max(putBack)).isEqualTo(putBack);
        assertThat(putBack.max(before)).isEqualTo(putBack);
        assertThat(place(3).max(place(4))).isEqualTo(place(4));
    }

    private static Announcement.Place place(long sequence) {
        return new Announcement.Place(sequence, sequence == 3 ? 0 : 1_700_000_000_000L);
    }

    private static Map<String, Announcement.Place> readBack(
            Map<String, Announcement.Place> newest) {
        return Announcement.payloads(newest).stream()
                .flatMap(it -> Announcement.parse(it).stream())
                .collect(Collectors.toMap(Announcement::topic, Announcement::place));
    }
}
