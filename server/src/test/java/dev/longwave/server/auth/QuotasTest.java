package dev.longwave.server.auth;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.longwave.server.http.ProblemException;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

final class QuotasTest {

    private final AtomicLong now = new AtomicLong();
    private QuotaSettings settings = new QuotaSettings(2, 10, 1000, 6);
    private final Quotas quotas = new Quotas(() -> settings, now::get);

    @Test
    void letsASecondsWorthPassAndThenTheRate() {
        publish("a", 10);
        assertRefused(() -> quotas.publish("a", 1), "publishes-per-second");

        advance(Duration.ofMillis(200));

        publish("a", 2);
        assertRefused(() -> quotas.publish("a", 1), "publishes-per-second");
    }

    @Test
    void countsByTheSettingsInForce() {
        publish("a", 10);
        Runnable first = quotas.openStream("a");
        settings = new QuotaSettings(1, 20, 1000, 6);

        publish("a", 20);
        assertRefused(() -> quotas.publish("a", 1), "publishes-per-second");
        assertRefused(() -> quotas.openStream("a"), "streams-per-client");

        settings = new QuotaSettings(0, 0, 0, 0);
        publish("a", 100);
        Runnable uncounted = quotas.openStream("a");
        settings = new QuotaSettings(1, 20, 1000, 6);
        uncounted.run();
        assertRefused(() -> quotas.openStream("a"), "streams-per-client");
        first.run();
        assertThatCode(() -> quotas.openStream("a")).doesNotThrowAnyException();
    }

    @Test
    void countsEachClientByItself() {
        publish("a", 10);

        publish("b", 10);
    }

    @Test
    void paysForALargeEventAfterwards() {
        quotas.publish("a", 3000);

        assertThatThrownBy(() -> quotas.publish("a", 1))
                .isInstanceOfSatisfying(
                        ProblemException.class,
                        e -> {
                            assertThat(e.problem().rule()).isEqualTo("publish-bytes-per-second");
                            assertThat(e.problem().facts()).containsEntry("retryAfter", 3L);
                        });
        advance(Duration.ofMillis(2100));
        assertThatCode(() -> quotas.publish("a", 1)).doesNotThrowAnyException();
    }

    @Test
    void countsOpenStreams() {
        Runnable first = quotas.openStream("a");
        Runnable _ = quotas.openStream("a");
        assertRefused(() -> quotas.openStream("a"), "streams-per-client");

        first.run();

        assertThatCode(() -> quotas.openStream("a")).doesNotThrowAnyException();
    }

    @Test
    void countsTicketsByTheMinute() {
        for (int i = 0; i < 6; i++) {
            quotas.ticket("a");
        }
        assertRefused(() -> quotas.ticket("a"), "tickets-per-minute");

        advance(Duration.ofSeconds(10));

        assertThatCode(() -> quotas.ticket("a")).doesNotThrowAnyException();
    }

    private void publish(String client, int events) {
        for (int i = 0; i < events; i++) {
            quotas.publish(client, 1);
        }
    }

    private void advance(Duration by) {
        now.addAndGet(by.toNanos());
    }

    private static void assertRefused(ThrowingCallable action, String rule) {
        assertThatThrownBy(action)
                .isInstanceOfSatisfying(
                        ProblemException.class,
                        e -> assertThat(e.problem().rule()).isEqualTo(rule));
    }
}
