package dev.longwave.server.ops;

import dev.longwave.broker.BrokerState;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.function.Consumer;

/**
 * How the broker is doing, and since when. A broker that could be made is connected until it says
 * otherwise. Safe for many threads.
 */
public final class BrokerHealth implements Consumer<BrokerState> {

    private static final System.Logger LOGGER = System.getLogger(BrokerHealth.class.getName());

    private final String type;
    private final InstantSource clock;
    private volatile Condition condition;

    /**
     * A state, and since when it lasts.
     *
     * @param state the state
     * @param since when the broker told of it
     */
    public record Condition(BrokerState state, Instant since) {

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
        this.condition = new Condition(BrokerState.CONNECTED, clock.instant());
    }

    /** {@return the broker's type} */
    public String type() {
        return type;
    }

    /** {@return how it is doing at this moment} */
    public Condition condition() {
        return condition;
    }

    /** Takes note of {@code state}, and logs it if it is news. */
    @Override
    public synchronized void accept(BrokerState state) {
        Condition before = condition;
        if (before.state() == state) {
            return;
        }
        condition = new Condition(state, clock.instant());
        Duration lasted = Duration.between(before.since(), condition.since());
        LOGGER.log(
                level(state),
                "broker type={0} state={1} before={2} for={3}",
                type,
                word(state),
                word(before.state()),
                lasted);
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
