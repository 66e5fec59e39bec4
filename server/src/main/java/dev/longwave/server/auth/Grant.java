package dev.longwave.server.auth;

import dev.longwave.broker.TopicPattern;
import java.util.List;

/**
 * What a client was given when it signed in: rights of its own, and its place in the rules.
 *
 * @param own what its credential allows by itself
 * @param grantee as whom the rules see it
 * @param within the topics and patterns to which all of that is narrowed; none for no narrowing
 */
record Grant(Permissions own, Grantee grantee, List<TopicPattern> within) {

    Grant {
        within = List.copyOf(within);
    }

    Grant(Permissions own, Grantee grantee) {
        this(own, grantee, List.of());
    }

    /** {@return what the client may do under these rules} */
    Permissions permissions(AccessRules rules) {
        Permissions all = own.plus(rules.permissions(grantee));
        return within.isEmpty() ? all : all.only(within);
    }

    /** {@return the same for these topics and patterns only} */
    Grant narrowed(List<TopicPattern> topics) {
        return new Grant(own.only(topics), grantee, topics);
    }

    /**
     * {@return the same for reading, and for these topics and patterns only, if there are any}
     *
     * <p>If the credential allows all of them by itself, the rules need not be asked any more.
     */
    Grant reading(List<TopicPattern> topics) {
        Permissions reading = new Permissions(own.subscribe(), List.of(), List.of());
        if (topics.isEmpty()) {
            return new Grant(reading, grantee, within);
        }
        Permissions allowed = reading.only(topics);
        return allowed.subscribe().size() == topics.size()
                ? new Grant(allowed, Grantee.NOBODY)
                : new Grant(allowed, grantee, topics);
    }
}
