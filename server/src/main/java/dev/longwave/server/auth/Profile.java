package dev.longwave.server.auth;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a token says of its client beside its rights.
 *
 * @param channels the topics that its connections are subscribed to without asking, where the
 *     protocol has that
 * @param info what others are told of the client, a JSON text; null for nothing
 * @param server whether it is an application of the operator's rather than somebody's client
 */
record Profile(List<String> channels, @Nullable String info, boolean server) {

    /** Nothing is said. */
    static final Profile NONE = new Profile(List.of(), null);

    /** That of an API key. */
    static final Profile SERVER = new Profile(List.of(), null, true);

    Profile(List<String> channels, @Nullable String info) {
        this(channels, info, false);
    }

    Profile {
        channels = List.copyOf(channels);
    }
}
