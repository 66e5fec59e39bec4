package dev.longwave.server.net.helidon;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import org.junit.jupiter.api.Test;

final class ResetsTest {

    private final Resets resets = new Resets();
    private final ArrayList<Integer> told = new ArrayList<>();

    @Test
    void tellsAListenerThatComesLate() {
        resets.reset(3);
        resets.listen(3, () -> told.add(3));
        resets.listen(5, () -> told.add(5));
        resets.reset(5);
        resets.reset(5);

        assertThat(told).containsExactly(3, 5);
    }

    @Test
    void tellsNobodyWhoHasLeft() {
        resets.listen(5, () -> told.add(5));
        resets.forget(5);
        resets.reset(5);

        assertThat(told).isEmpty();
    }

    @Test
    void forgetsAResetThatNobodyListenedTo() {
        resets.reset(5);
        resets.forget(5);
        resets.listen(5, () -> told.add(5));

        assertThat(told).isEmpty();
    }
}
