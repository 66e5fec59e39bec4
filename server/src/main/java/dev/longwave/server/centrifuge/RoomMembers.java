package dev.longwave.server.centrifuge;

import dev.longwave.broker.TopicPattern;
import dev.longwave.server.auth.Identity;
import dev.longwave.server.http.ProblemException;
import dev.longwave.server.presence.MemberPage;
import dev.longwave.server.presence.Membership;
import dev.longwave.server.presence.RoomListener;
import dev.longwave.server.presence.Rooms;
import dev.longwave.server.presence.Visit;
import dev.longwave.server.presence.Watch;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The members of topics on all nodes. A pattern has none. */
public final class RoomMembers implements Members {

    private static final System.Logger LOGGER = System.getLogger(RoomMembers.class.getName());
    private static final Registration NOTHING = () -> {};

    /** What a reply can hold; {@code GET /presence} has pages. */
    private static final int MAX_LISTED = 1000;

    private final Rooms rooms;

    private RoomMembers(Rooms rooms) {
        this.rooms = rooms;
    }

    /** {@return the members of {@code rooms}; of nothing, if those are not kept} */
    public static Members of(Rooms rooms) {
        return rooms.areKept() ? new RoomMembers(rooms) : NONE;
    }

    @Override
    public Registration enter(
            Identity client, String topic, String connection, @Nullable String info) {
        if (TopicPattern.isPattern(topic)) {
            return NOTHING;
        }
        String subject = client.subject();
        try {
            Membership membership =
                    rooms.enter(
                            topic,
                            new dev.longwave.server.presence.Member(
                                    connection,
                                    subject == null ? "" : subject,
                                    info == null ? "" : info));
            return membership::close;
        } catch (ProblemException e) {
            LOGGER.log(
                    System.Logger.Level.DEBUG,
                    "a connection is no member: {0}",
                    e.problem().detail());
            return NOTHING;
        }
    }

    @Override
    public Registration watch(Identity client, String topic, Listener listener) {
        if (TopicPattern.isPattern(topic)) {
            return NOTHING;
        }
        try {
            client.checkPresence(topic);
            Watch watch = rooms.watch(topic, new Told(listener));
            return watch::close;
        } catch (ProblemException e) {
            LOGGER.log(
                    System.Logger.Level.DEBUG,
                    "a client is not notified of joins and leaves: {0}",
                    e.problem().detail());
            return NOTHING;
        }
    }

    private record Told(Listener listener) implements RoomListener {

        @Override
        public void joined(Visit visit, dev.longwave.server.presence.Member member) {
            listener.joined(member(member));
        }

        @Override
        public void left(Visit visit, dev.longwave.server.presence.Member member) {
            listener.left(member(member));
        }
    }

    private static Member member(dev.longwave.server.presence.Member member) {
        return new Member(
                member.connection(), member.user(), member.info().isEmpty() ? null : member.info());
    }

    @Override
    public List<Member> list(Identity client, String topic) {
        client.checkPresence(topic);
        MemberPage page = rooms.members(topic, "", MAX_LISTED);
        return page.members().stream().map(RoomMembers::member).toList();
    }

    @Override
    public Counts counts(Identity client, String topic) {
        client.checkPresence(topic);
        var counts = rooms.counts(topic);
        return new Counts(counts.connections(), counts.users());
    }
}
