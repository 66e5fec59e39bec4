package dev.longwave.broker.nats;

import dev.longwave.broker.BrokerException;
import dev.longwave.broker.BrokerRefusedException;
import dev.longwave.broker.BrokerRefusedException.Reason;
import dev.longwave.broker.BrokerUnavailableException;
import dev.longwave.broker.MessageRefusedException;
import dev.longwave.broker.Published;

/** The outcome of one attempt to publish a message. */
sealed interface PublishOutcome {

    /** The stream has it. */
    record Accepted(Published published) implements PublishOutcome {}

    /** It was not sent. */
    record NotSent(String why) implements PublishOutcome {}

    /** It was sent and not stored, and another attempt may succeed. */
    record NotNow(String why) implements PublishOutcome {}

    /** It is longer than the server accepts. */
    record TooLong(String why) implements PublishOutcome {}

    /** The server refuses to store it, and will do so again. */
    record Refused(Reason reason, String why) implements PublishOutcome {}

    /** The topic's last message is not the expected one: this one was not stored now. */
    record Overtaken(String why) implements PublishOutcome {}

    /** It may have been stored. */
    record Unknown(String why) implements PublishOutcome {}

    /** {@return whether it was certainly not stored, and another attempt may succeed} */
    default boolean isNotStoredYet() {
        return this instanceof NotSent || this instanceof NotNow;
    }

    /** {@return whether to try again, for a message that {@code hasId}} */
    default boolean mayBeRepeated(boolean hasId) {
        return isNotStoredYet() || (hasId && this instanceof Unknown);
    }

    /**
     * {@return what to throw if there is no further attempt}
     *
     * @param facts what ends the message
     */
    default BrokerException failure(String facts) {
        return switch (this) {
            case Accepted _ -> throw new IllegalStateException("this is no failure");
            case NotSent(String why) -> BrokerUnavailableException.notSent(text(why, facts), null);
            case NotNow(String why) ->
                    new BrokerRefusedException(Reason.BUSY, text(why, facts), null);
            case TooLong(String why) -> new MessageRefusedException(why);
            case Refused(Reason reason, String why) ->
                    new BrokerRefusedException(reason, text(why, facts), null);
            case Overtaken(String why) -> new BrokerUnavailableException(text(why, facts));
            case Unknown(String why) -> new BrokerUnavailableException(text(why, facts));
        };
    }

    private static String text(String why, String facts) {
        return "cannot publish: " + why + ' ' + facts;
    }
}
