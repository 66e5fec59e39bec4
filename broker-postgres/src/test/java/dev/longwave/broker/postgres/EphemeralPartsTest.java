package dev.longwave.broker.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import dev.longwave.broker.EphemeralMessage;
import dev.longwave.broker.Message;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class EphemeralPartsTest {

    private static final int MAX = 100_000;

    private final EphemeralParts parts = new EphemeralParts(MAX);

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 5_000, 6_000, 50_000, MAX})
    void putsTogetherWhatItTookApart(int length) {
        EphemeralMessage message = binary(length);

        List<String> payloads = EphemeralParts.payloads("room é/1", message);

        assertThat(payloads)
                .allMatch(EphemeralParts::isOne)
                .allMatch(payload -> payload.getBytes(StandardCharsets.UTF_8).length < 8_000)
                .doesNotHaveDuplicates();
        assertThat(addAll(payloads))
                .containsExactly(new EphemeralParts.Received("room é/1", message));
    }

    @Test
    void dropsAMessageOfWhichAPartIsMissing() {
        List<String> torn = new ArrayList<>(EphemeralParts.payloads("t", binary(30_000)));
        torn.remove(1);
        List<String> whole = EphemeralParts.payloads("t", binary(20_000));

        assertThat(addAll(torn)).isEmpty();
        assertThat(addAll(whole)).hasSize(1);
    }

    @Test
    void dropsAMessageThatAnotherInterrupts() {
        List<String> one = EphemeralParts.payloads("t", binary(30_000));
        List<String> other = EphemeralParts.payloads("t", binary(10));

        assertThat(parts.add(one.getFirst())).isEmpty();
        assertThat(addAll(other)).hasSize(1);
        assertThat(addAll(one.subList(1, one.size()))).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "~",
                "~a",
                "~a 0 1 ",
                "~a 0 1 AAAA",
                "~a 0 1 !",
                "~a 0 0 AAAA",
                "~a 1 2 AAAA",
                "~a x 1 AAAA",
                "~a 0 999999 AAAA"
            })
    void ignoresWhatOthersSend(String payload) {
        assertThat(parts.add(payload)).isEmpty();
        assertThat(addAll(EphemeralParts.payloads("t", binary(10)))).hasSize(1);
    }

    @Test
    void isNotTakenForAnAnnouncement() {
        String payload = EphemeralParts.payloads("t", binary(10)).getFirst();

        assertThat(Announcement.parse(payload)).as("as an older node reads it").isEmpty();
        assertThat(EphemeralParts.isOne("17 t")).isFalse();
    }

    private List<EphemeralParts.Received> addAll(List<String> payloads) {
        return payloads.stream().map(parts::add).flatMap(Optional::stream).toList();
    }

    private static EphemeralMessage binary(int length) {
        byte[] data = new byte[length];
        new Random(42).nextBytes(data);
        return EphemeralMessage.of(
                Message.builder(data)
                        .type("é")
                        .key("k")
                        .attribute("content-type", "image/png")
                        .build());
    }
}
