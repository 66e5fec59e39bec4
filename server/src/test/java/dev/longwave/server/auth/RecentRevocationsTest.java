package dev.longwave.server.auth;

import static org.assertj.core.api.Assertions.assertThat;

import dev.longwave.server.auth.Revocation.Kind;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

final class RecentRevocationsTest {

    private final RecentRevocations recent = new RecentRevocations();

    @Test
    void tellsThoseThatCameAfterwards() {
        recent.add(of("a"));
        long count = recent.count();
        recent.add(of("b"));
        recent.add(of("c"));

        assertThat(recent.since(count)).hasValue(List.of(of("b"), of("c")));
        assertThat(recent.since(recent.count())).hasValue(List.of());
    }

    @Test
    void saysWhenItHasForgottenSome() {
        for (int i = 0; i < 257; i++) {
            recent.add(of("s" + i));
        }

        assertThat(recent.since(0)).isEmpty();
        assertThat(recent.since(1)).hasValueSatisfying(since -> assertThat(since).hasSize(256));
    }

    private static Revocation of(String subject) {
        return Revocation.of(Kind.SUBJECT, subject, Instant.EPOCH, Instant.EPOCH);
    }
}
