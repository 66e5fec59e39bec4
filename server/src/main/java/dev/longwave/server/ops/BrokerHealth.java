package dev.longwave.server.ops;

import dev.longwave.broker.BrokerState;
import dev.longwave.broker.BrokerStatus;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.function.Consumer;

/**
 * How the broker is doing, and since when. A broker that could be made is connected until it says
 * otherwise. Safe for many threads.
 */
public final class BrokerHealth implements Consumer<BrokerStatus> {

    private static final System.Logger LOGGER = System.getLogger(BrokerHealth.class.getName());

    private final String type;
    private final InstantSource clock;
    private volatile Condition condition;

    /**
     * A state, the reason for it, and since when it lasts.
     *
     * @param state the state
     * @param reason what the broker says of it, empty for nothing
     * @param since when the broker told of it
     */
    public record Condition(BrokerState state, String reason, Instant since) {

        /** {@return whether clients are served as they should be} */
        public boolean ready() {
            return state == BrokerState.CONNECTED || state == BrokerState.RESYNCING;
        }
    }

    /**
     * The health of a broker that is about to be made.
     *
     * @param type the broker's type, for people
     */
    public BrokerHealth(String type, InstantSource clock) {
        this.type = type;
        this.clock = clock;
        this.condition = new Condition(BrokerState.CONNECTED, "", clock.instant());
    }

    /** {@return the broker's type} */
    public String type() {
        return type;
    }

    /** {@return how it is doing at this moment} */
    public Condition condition() {
        return condition;
    }

    /** Takes note of {@code status}, and logs a state that is new. */
    @Override
    public synchronized void accept(BrokerStatus status) {
        Condition before = condition;
        BrokerState state = status.state();
        if (before.state() == state) {
            condition = new Condition(state, status.reason(), before.since());
            return;
        }
        condition = new Condition(state, status.reason(), clock.instant());
        Duration lasted = Duration.between(before.since(), condition.since());
        LOGGER.log(
                level(state),
                "broker type={0} state={1} before={2} for={3}{4}",
                type,
                word(state),
                word(before.state()),
                lasted,
                status.reason().isEmpty() ? "" : " reason: " + status.reason());
    }

    /** {@return the word for {@code state}: lower case} */
    public static String word(BrokerState state) {
        return switch (state) {
            case CONNECTED -> "connected";
            case RESYNCING -> "resyncing";
            case DISCONNECTED -> "disconnected";
            case FAILED -> "failed";
        };
    }

    private static System.Logger.Level level(BrokerState state) {
        return switch (state) {
            case CONNECTED, RESYNCING -> System.Logger.Level.INFO;
            case DISCONNECTED -> System.Logger.Level.WARNING;
            case FAILED -> System.Logger.Level.ERROR;
        };
    }
}
