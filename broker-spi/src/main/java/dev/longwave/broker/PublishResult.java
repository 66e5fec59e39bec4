package dev.longwave.broker;

import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What became of one message of {@link Broker#publishAll}. Immutable. */
public final class PublishResult {

    private final @Nullable Published published;
    private final @Nullable BrokerException failure;

    private PublishResult(@Nullable Published published, @Nullable BrokerException failure) {
        this.published = published;
        this.failure = failure;
    }

    /** {@return the result of a message that the broker has accepted} */
    public static PublishResult of(Published published) {
        return new PublishResult(published, null);
    }

    /**
     * {@return the result of a message that the broker has not accepted, or may not have}
     *
     * @param failure what {@link Broker#publish} would have thrown
     */
    public static PublishResult failed(BrokerException failure) {
        return new PublishResult(null, failure);
    }

    /** {@return the broker's answer, if it accepted the message} */
    public Optional<Published> published() {
        return Optional.ofNullable(published);
    }

    /** {@return what {@link Broker#publish} would have thrown, if there is no answer} */
    public Optional<BrokerException> failure() {
        return Optional.ofNullable(failure);
    }

    @Override
    public String toString() {
        return "PublishResult[" + (published != null ? published : failure) + "]";
    }
}
