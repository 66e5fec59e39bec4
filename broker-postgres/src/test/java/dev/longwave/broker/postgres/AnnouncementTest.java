package dev.longwave.broker.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

final class AnnouncementTest {

    @Test
    void comesBackAsItWent() {
        var newest = new HashMap<String, Long>();
        for (String topic : List.of("a", " ", "a b", "é", "😀", "1 2", "'; --", "x".repeat(255))) {
            newest.put(topic, Long.MAX_VALUE - newest.size());
        }

        assertThat(readBack(newest)).isEqualTo(newest);
    }

    @Test
    void fitsIntoWhatTheServerTakes() {
        var newest = new HashMap<String, Long>();
        for (long i = 1; i <= 500; i++) {
            newest.put("é".repeat(100) + i, i);
        }

        assertThat(Announcement.payloads(newest))
                .hasSizeGreaterThan(1)
                .allMatch(it -> it.getBytes(StandardCharsets.UTF_8).length <= 7_999);
        assertThat(readBack(newest)).isEqualTo(newest);
    }

    @Test
    void leavesOutWhatOthersSend() {
        assertThat(Announcement.parse("hello\n\n -1\n-3 a\nx y\n7 t\n9"))
                .containsExactly(new Announcement("t", 7));
    }

    private static Map<String, Long> readBack(Map<String, Long> newest) {
        return Announcement.payloads(newest).stream()
                .flatMap(it -> Announcement.parse(it).stream())
                .collect(Collectors.toMap(Announcement::topic, Announcement::sequence));
    }
}
