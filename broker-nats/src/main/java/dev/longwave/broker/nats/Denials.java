package dev.longwave.broker.nats;

import dev.longwave.broker.feed.Feed;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** What the servers do not permit this node. Told once for each connection. */
final class Denials {
    /*
     * The servers report a violation of permissions beside everything else, and then never answer the
     * message. So whoever waits for an answer has to be told: see Requests.
     */
    private static final Logger LOGGER = System.getLogger(Denials.class.getName());

    private static final String CONCERN = "permissions";
    private static final Pattern VIOLATION =
            Pattern.compile(
                    "permissions violation for (publish|subscription) to \"?([^\"' ]+)",
                    Pattern.CASE_INSENSITIVE);

    private final Feed feed;
    private volatile @Nullable Denial first; // of the present connection

    /**
     * A violation of permissions.
     *
     * @param what publish or subscription
     */
    record Denial(String what, String subject) {

        boolean isPublish() {
            return what.equalsIgnoreCase("publish");
        }
    }

    Denials(Feed feed) {
        this.feed = feed;
    }

    /** {@return the violation that the server's error is about, if it is one} */
    static Optional<Denial> parse(String error) {
        Matcher matcher = VIOLATION.matcher(error);
        return matcher.find()
                ? Optional.of(new Denial(matcher.group(1), matcher.group(2)))
                : Optional.empty();
    }

    /** Something was not permitted. Called by one thread. */
    void denied(Denial denial) {
        if (first != null) {
            return;
        }
        first = denial;
        String kind = denial.isPublish() ? "publish to" : "subscribe to";
        LOGGER.log(
                Level.WARNING,
                "the NATS user may not {0} {1}: check its permissions",
                kind,
                denial.subject);
        feed.degraded(CONCERN, "the NATS user may not " + kind + " a subject of Longwave's");
    }

    /** There is a new connection: what is still not permitted will be reported again. */
    void reconnected() {
        if (first != null) {
            first = null;
            feed.recovered(CONCERN);
        }
    }

    /** The servers accepted a message on {@code subject}. Any thread. */
    void accepted(String subject) {
        Denial denial = first;
        if (denial != null && denial.isPublish() && denial.subject.equals(subject)) {
            reconnected();
        }
    }
}
