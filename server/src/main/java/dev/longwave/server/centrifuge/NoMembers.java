package dev.longwave.server.centrifuge;

import dev.longwave.server.auth.Identity;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** There is no presence. */
final class NoMembers implements Members {

    private static final Registration NOTHING = () -> {};

    @Override
    public Registration enter(
            Identity client, String topic, String connection, @Nullable String info) {
        return NOTHING;
    }

    @Override
    public Registration watch(Identity client, String topic, Listener listener) {
        return NOTHING;
    }

    @Override
    public List<Member> list(Identity client, String topic) {
        throw ErrorCode.NOT_AVAILABLE.exception("there is no presence on this server");
    }

    @Override
    public Counts counts(Identity client, String topic) {
        throw ErrorCode.NOT_AVAILABLE.exception("there is no presence on this server");
    }
}
