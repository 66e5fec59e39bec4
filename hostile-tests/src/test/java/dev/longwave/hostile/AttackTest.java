package dev.longwave.hostile;

import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.TestInstance;

/**
 * Attacks on one server after the other: the next one has another only if an attack succeeded. The
 * topic {@code big} has a history of 1 MiB.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class AttackTest {

    private static final int EVENTS = 16;
    private static final int EVENT_BYTES = 64 << 10;

    private @Nullable Siege current;

    @BeforeEach
    void begin() throws Exception {
        if (current == null || current.isLost()) {
            end();
            current = Siege.of(Target.start());
            for (int i = 0; i < EVENTS; i++) {
                Requests.publish(current.port(), "big", "x".repeat(EVENT_BYTES));
            }
        }
    }

    @AfterAll
    void end() {
        if (current != null) {
            current.close();
        }
    }

    Siege siege() {
        return Objects.requireNonNull(current);
    }
}
