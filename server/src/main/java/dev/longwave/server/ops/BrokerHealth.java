package dev.longwave.server.ops;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.longwave.broker.BrokerState;
import dev.longwave.broker.BrokerStatus;
import dev.longwave.server.http.Json;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.function.Consumer;

/**
 * The state of the broker, and since when it lasts. A broker that was created counts as connected
 * until it reports another state. Safe for many threads.
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
     * @param reason what the broker says about it, or empty
     * @param since when the broker reported the state
     */
    public record Condition(BrokerState state, String reason, Instant since) {

        /** {@return whether the node can serve clients in full} */
        public boolean ready() {
            return state == BrokerState.CONNECTED || state == BrokerState.RESYNCING;
        }
    }

    /**
     * The health of a broker that is about to be created.
     *
     * @param type the broker's type, to be shown
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

    /** {@return the present state} */
    public Condition condition() {
        return condition;
    }

    /** Stores {@code status}, and logs it if the state differs from the one before. */
    @Override
    public synchronized void accept(BrokerStatus status) {
        Condition before = condition;
        BrokerState state = status.state();
        if (before.state() == state && !isOtherComplaint(before, status)) {
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

    /** What needs an operator is logged each time that it is something else. */
    private static boolean isOtherComplaint(Condition before, BrokerStatus status) {
        return status.state() == BrokerState.DEGRADED && !before.reason().equals(status.reason());
    }

    /** {@return the member {@code broker} of the documents that show {@code shown}} */
    ObjectNode json(Condition shown) {
        ObjectNode document =
                Json.object()
                        .put("type", type)
                        .put("state", word(shown.state()))
                        .put("since", shown.since().toString());
        return shown.reason().isEmpty() ? document : document.put("reason", shown.reason());
    }

    /** {@return the word for {@code state}, in lower case} */
    public static String word(BrokerState state) {
        return switch (state) {
            case CONNECTED -> "connected";
            case RESYNCING -> "resyncing";
            case DEGRADED -> "degraded";
            case DISCONNECTED -> "disconnected";
            case FAILED -> "failed";
        };
    }

    private static System.Logger.Level level(BrokerState state) {
        return switch (state) {
            case CONNECTED, RESYNCING -> System.Logger.Level.INFO;
            case DEGRADED, DISCONNECTED -> System.Logger.Level.WARNING;
            case FAILED -> System.Logger.Level.ERROR;
        };
    }
}
