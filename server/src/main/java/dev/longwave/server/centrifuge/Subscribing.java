package dev.longwave.server.centrifuge;

import dev.longwave.broker.Entry;
import dev.longwave.broker.GapReason;
import dev.longwave.broker.Position;
import dev.longwave.broker.Start;
import dev.longwave.core.Event;
import dev.longwave.core.Opening;
import dev.longwave.core.TopicName;
import dev.longwave.server.auth.Identity;
import dev.longwave.server.centrifuge.Subscriptions.Answer;
import dev.longwave.server.centrifuge.Subscriptions.Line;
import dev.longwave.server.http.ProblemException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/** Subscribes clients to topics. */
final class Subscribing {
    /*
     * The reply holds what the client has missed, up to a limit; what is beyond it follows as pushes. It is told that it
     * has recovered only if nothing is missing. Otherwise it begins with what is new, and is told so.
     *
     * If the first event after the client's offset has no offset itself, the client may have received some like it, and
     * nobody knows how many. So it has not recovered.
     */
    private static final int MAX_RECOVERED_EVENTS = 1000;
    private static final int MAX_RECOVERED_BYTES = 1 << 20;
    private static final int REJECT_UNRECOVERED = 2; // a flag of the client

    private final Connection connection;

    Subscribing(Connection connection) {
        this.connection = connection;
    }

    /**
     * Where a client wants to go on.
     *
     * @param wanted whether it does
     */
    record Recovery(boolean wanted, String epoch, long offset) {

        static final Recovery NONE = new Recovery(false, "", 0);

        static Recovery of(Map<String, JsonSlice> members) {
            JsonSlice recover = members.get("recover");
            JsonSlice epoch = members.get("epoch");
            JsonSlice offset = members.get("offset");
            return new Recovery(
                    recover != null && recover.flag(),
                    epoch == null ? "" : epoch.text(),
                    offset == null ? 0 : offset.number());
        }

        /** Whether the client has never been told a position: it wants the newest event. */
        private boolean isOfNewest() {
            return epoch.isEmpty() && offset == 0;
        }

        private Optional<Start> start() {
            return isOfNewest()
                    ? Optional.of(Start.last(1))
                    : StreamOffset.position(epoch, offset).map(Start::after);
        }
    }

    /** A topic that is being read, and what the client has missed of it. */
    private record Begun(Opening opening, boolean recovered, List<Entry> missed) {

        static Begun withNews(Opening opening) {
            return new Begun(opening, false, List.of());
        }
    }

    Answer subscribe(Command command) {
        String channel = command.text("channel");
        if (command.number("type") != 0 || command.has("tf")) {
            throw ErrorCode.NOT_AVAILABLE.exception("subscriptions to topics, unfiltered, only");
        }
        Subscribed subscribed =
                connection.subscriptions.begin(TopicName.checkedOrPattern(channel), false);
        @Nullable Opening opening = null;
        try {
            String token = command.text("token");
            if (!token.isEmpty()) {
                grant(subscribed, token);
            }
            subscribed.check(connection.client());
            Recovery recovery = Recovery.of(command.parameters());
            Begun begun = open(channel, recovery, MAX_RECOVERED_BYTES);
            opening = begun.opening();
            boolean reject = (command.number("flag") & REJECT_UNRECOVERED) != 0;
            if (reject && recovery.wanted() && !begun.recovered()) {
                throw ErrorCode.UNRECOVERABLE_POSITION.exception();
            }
            JsonBytes json = command.reply(256);
            addResult(json, subscribed, recovery, begun);
            keep(subscribed, command.flag("join_leave"));
            return new Answer.Begun(
                    subscribed,
                    begun.opening(),
                    new Line(json.raw("}").toArray()),
                    new Line(ErrorCode.PERMISSION_DENIED.exception().reply(command.id())));
        } catch (RuntimeException e) {
            if (opening != null) {
                opening.close();
            }
            connection.subscriptions.giveUp(subscribed);
            if (e instanceof ProblemException refused) {
                connection.services.refused().accept(refused.problem());
            }
            throw e;
        }
    }

    /**
     * Begins one of several subscriptions that the server makes, and adds what the client is told
     * of it.
     *
     * @param count how many there are, which share what one reply may hold
     */
    Answer.Begun begin(String channel, Recovery recovery, int count, JsonBytes json) {
        Subscribed subscribed = connection.subscriptions.begin(channel, true);
        @Nullable Opening opening = null;
        try {
            subscribed.check(connection.client());
            Begun begun = open(channel, recovery, MAX_RECOVERED_BYTES / count);
            opening = begun.opening();
            addResult(json, subscribed, recovery, begun);
            keep(subscribed, true);
            var none = new Line(new byte[0]);
            return new Answer.Begun(subscribed, begun.opening(), none, none);
        } catch (RuntimeException e) {
            if (opening != null) {
                opening.close();
            }
            connection.subscriptions.giveUp(subscribed);
            throw e;
        }
    }

    private void grant(Subscribed subscribed, String token) {
        Identity client = connection.client();
        Identity granted =
                connection.services.access().identifySubscriber(token, subscribed.name, client);
        granted.checkSubscribe(List.of(subscribed.name));
        if (!granted.equals(client)) { // as it is where everyone may do everything
            subscribed.grant(granted);
        }
    }

    private Begun open(String channel, Recovery recovery, int maxBytes) {
        if (!recovery.wanted()) {
            return news(channel);
        }
        Optional<Start> start = recovery.start();
        if (start.isEmpty()) {
            return news(channel);
        }
        Opening opening = connection.services.hub().begin(channel, start);
        try {
            List<Event> events = opening.take(MAX_RECOVERED_EVENTS, maxBytes);
            List<Entry> missed =
                    events.stream().map(Event::entry).filter(Objects::nonNull).toList();
            if (events.stream().noneMatch(Subscribing::isHole) && canBeTold(missed)) {
                boolean found = !recovery.isOfNewest() || !missed.isEmpty();
                return new Begun(opening, found, missed);
            }
        } catch (RuntimeException e) {
            opening.close();
            throw e;
        }
        opening.close();
        return news(channel);
    }

    private Begun news(String channel) {
        return Begun.withNews(connection.services.hub().begin(channel, Optional.empty()));
    }

    /** What the topic's policy has left out is not missing. */
    private static boolean isHole(Event event) {
        return event.gap() != null && event.gap().reason() != GapReason.SKIPPED;
    }

    private static boolean canBeTold(List<Entry> missed) {
        return missed.isEmpty() || StreamOffset.of(missed.getFirst().position()).isPresent();
    }

    private void addResult(JsonBytes json, Subscribed subscribed, Recovery recovery, Begun begun) {
        json.raw("{");
        Lifetime.add(json, connection.services.clock().instant(), subscribed.expires());
        Position position = begun.opening().position();
        OptionalLong offset = StreamOffset.of(position);
        if (connection.services.hub().hasHistory() && offset.isPresent()) {
            json.raw("\"recoverable\":true,\"positioned\":true,");
        }
        json.raw("\"epoch\":").string(StreamOffset.epoch(position));
        offset.ifPresent(number -> json.raw(",\"offset\":").number(number));
        if (recovery.wanted()) {
            json.raw(",\"was_recovering\":true");
        }
        if (begun.recovered()) {
            json.raw(",\"recovered\":true");
        }
        if (!begun.missed().isEmpty()) {
            json.raw(",\"publications\":");
            Publications.add(json, begun.missed());
        }
        json.raw("}");
    }

    /** Has the rest of a subscription begin: its end, and its place among the members. */
    private void keep(Subscribed subscribed, boolean joinLeave) {
        Subscriptions all = connection.subscriptions;
        Identity client = connection.client();
        Members members = connection.services.members();
        String name = subscribed.name;
        Members.Registration membership =
                members.enter(client, name, connection.id, connection.info());
        Members.@Nullable Registration watch =
                joinLeave ? members.watch(client, name, new Told(subscribed)) : null;
        all.keep(
                subscribed,
                () -> {
                    subscribed.membership = membership;
                    subscribed.watch = watch;
                });
        if (!membership.equals(subscribed.membership)) { // it has ended meanwhile
            membership.close();
            if (watch != null) {
                watch.close();
            }
        }
        expireIn(subscribed);
    }

    /** Notifies the client of joins and leaves. */
    private final class Told implements Members.Listener {

        private final Subscribed subscribed;

        Told(Subscribed subscribed) {
            this.subscribed = subscribed;
        }

        @Override
        public void joined(Members.Member member) {
            tell("join", member);
        }

        @Override
        public void left(Members.Member member) {
            tell("leave", member);
        }

        private void tell(String event, Members.Member member) {
            connection.subscriptions.tell(subscribed, Push.member(subscribed.name, event, member));
        }
    }

    private void expireIn(Subscribed subscribed) {
        Instant expires = subscribed.expires();
        if (expires.equals(Instant.MAX)) {
            return;
        }
        Duration left = Duration.between(connection.services.clock().instant(), expires);
        connection.subscriptions.keep(
                subscribed,
                () -> {
                    if (subscribed.expiry != null) {
                        subscribed.expiry.cancel(false);
                    }
                    subscribed.expiry = connection.timers.after(left, () -> expire(subscribed));
                });
    }

    private void expire(Subscribed subscribed) {
        if (subscribed.expires().isAfter(connection.services.clock().instant())) {
            expireIn(subscribed); // it was renewed at this moment, or the clock is behind the timer
        } else {
            connection.subscriptions.end(subscribed, Unsubscription.EXPIRED);
        }
    }

    byte[] refresh(Command command) {
        Subscribed subscribed = connection.subscriptions.get(command.text("channel"));
        if (subscribed == null || subscribed.byServer) {
            throw ErrorCode.PERMISSION_DENIED.exception("not subscribed");
        }
        grant(subscribed, command.text("token"));
        expireIn(subscribed);
        JsonBytes json = command.reply(64).raw("{");
        Instant now = connection.services.clock().instant();
        Instant expires = subscribed.expires();
        if (!expires.equals(Instant.MAX)) {
            json.raw("\"expires\":true,\"ttl\":").number(Lifetime.seconds(now, expires));
        }
        return json.raw("}}").toArray();
    }

    byte[] unsubscribe(Command command) {
        connection.subscriptions.leave(command.text("channel"));
        return command.done();
    }
}
