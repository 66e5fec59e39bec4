package dev.longwave.broker.nats;

import dev.longwave.broker.BrokerRefusedException;
import dev.longwave.broker.BrokerRefusedException.Reason;
import io.nats.client.JetStreamApiException;
import java.util.Optional;
import java.util.regex.Pattern;

/** What it means when JetStream answers with an error. */
final class Refusals {
    /*
     * The numbers are those of the servers' errors.json. A store that fails has one number for everything,
     * and tells the reason in words.
     */
    private static final int UNAVAILABLE = 503;
    private static final int TOO_MANY_REQUESTS = 429;

    private static final int ACCOUNT_LIMIT = 10002;
    private static final int NO_LEADER = 10008;
    private static final int NOT_LEADER = 10009;
    private static final int NO_RESOURCES = 10023;
    private static final int NO_MEMORY = 10028;
    private static final int NOT_ENABLED_FOR_ACCOUNT = 10039;
    private static final int NO_STORAGE = 10047;
    private static final int TOO_LARGE = 10054;
    private static final int STREAM_NOT_FOUND = 10059;
    private static final int OVERTAKEN = 10071;
    private static final int NOT_ENABLED = 10076;
    private static final int STORE_FAILED = 10077;
    private static final int SEALED = 10109;
    private static final int STREAM_OFFLINE = 10118;
    private static final int PURGE_NOT_PERMITTED = 10084;
    private static final int ID_IN_PROCESS = 10158;
    private static final int OVERTAKEN_IN_CLUSTER = 10164;

    private static final Pattern FULL =
            Pattern.compile("exceeded|no space|insufficient|quota", Pattern.CASE_INSENSITIVE);

    private Refusals() {}

    /** {@return whether the same request may succeed in a moment} */
    static boolean passes(JetStreamApiException e) {
        return reason(e).isEmpty();
    }

    /** {@return whether a message was not stored because another was, in its topic} */
    static boolean isOvertaken(JetStreamApiException e) {
        return e.getApiErrorCode() == OVERTAKEN || e.getApiErrorCode() == OVERTAKEN_IN_CLUSTER;
    }

    /** {@return whether JetStream, or the stream, does not exist for this user} */
    static boolean needsOperator(int apiCode) {
        return apiCode == NOT_ENABLED || apiCode == NOT_ENABLED_FOR_ACCOUNT;
    }

    /** {@return why the servers refuse it; nothing if that may be over in a moment} */
    static Optional<Reason> reason(JetStreamApiException e) {
        return switch (e.getApiErrorCode()) {
            case ACCOUNT_LIMIT, NO_RESOURCES, NO_MEMORY, NO_STORAGE -> Optional.of(Reason.FULL);
            case STORE_FAILED ->
                    FULL.matcher(String.valueOf(e.getErrorDescription())).find()
                            ? Optional.of(Reason.FULL)
                            : Optional.empty();
            case NOT_ENABLED, NOT_ENABLED_FOR_ACCOUNT, STREAM_NOT_FOUND, TOO_LARGE ->
                    Optional.of(Reason.MISCONFIGURED);
            case SEALED -> Optional.of(Reason.READ_ONLY);
            case PURGE_NOT_PERMITTED -> Optional.of(Reason.DENIED);
            case NO_LEADER, NOT_LEADER, STREAM_OFFLINE, ID_IN_PROCESS -> Optional.empty();
            default ->
                    e.getErrorCode() == UNAVAILABLE || e.getErrorCode() == TOO_MANY_REQUESTS
                            ? Optional.empty()
                            : Optional.of(Reason.OTHER);
        };
    }

    /** {@return what to throw, without a further attempt} */
    static BrokerRefusedException refused(String attempt, JetStreamApiException e) {
        return new BrokerRefusedException(
                reason(e).orElse(Reason.BUSY),
                "cannot %s: the server says: %s".formatted(attempt, e.getErrorDescription()),
                e);
    }
}
