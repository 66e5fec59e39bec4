package dev.longwave.server.centrifuge;

import dev.longwave.broker.GapReason;
import dev.longwave.core.Event;
import dev.longwave.core.Hub;
import dev.longwave.core.Opening;
import dev.longwave.core.Outbox;
import dev.longwave.server.auth.Identity;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The topics of one connection. Safe for many threads. */
final class Subscriptions {
    /*
     * A topic can end in several ways at once: the client leaves it, its token expires, the rules change, events are
     * missing. What each of them adds to the outbox must be in the order of what each does here, or a removal could meet
     * a subscription that came after it. So both happen under one lock, and nothing under it waits: an outbox takes what
     * it is given, and writes at most what its client can take at once.
     *
     * A subscription is in the map before its right is checked. So a change of rights finds it there, or the check finds
     * the new rights.
     *
     * After a gap, the topic may have more events that are written at once: those are left out, or the client's offset
     * would pass the hole. `interrupted` is for the thread that owns the outbox. Owners apply all changes before they look
     * for events, so the next bytes that were sent mean that the removal is in effect.
     */
    private final Hub hub;
    private final Outbox<?> outbox;
    private final Transport transport;
    private final int max;
    private final Consumer<Disconnect> disconnect;

    private final Map<String, Subscribed> byName = new LinkedHashMap<>(); // guarded by this
    private boolean over; // likewise
    private @Nullable Set<String> interrupted; // null for none, as it mostly is

    /**
     * @param max how many there may be
     * @param disconnect ends the connection
     */
    Subscriptions(
            Hub hub,
            Outbox<?> outbox,
            Transport transport,
            int max,
            Consumer<Disconnect> disconnect) {
        this.hub = hub;
        this.outbox = outbox;
        this.transport = transport;
        this.max = max;
        this.disconnect = disconnect;
    }

    /**
     * Notes a topic that is about to be subscribed to.
     *
     * @throws CommandException if it is already, or there are too many
     * @throws DisconnectException if the connection is over
     */
    synchronized Subscribed begin(String name, boolean byServer) {
        if (over) {
            throw Disconnect.CONNECTION_CLOSED.exception();
        }
        if (byName.containsKey(name)) {
            throw ErrorCode.ALREADY_SUBSCRIBED.exception();
        }
        if (byName.size() >= max) {
            throw ErrorCode.LIMIT_EXCEEDED.exception(
                    "too many channels limit=centrifuge.max-channels max=" + max);
        }
        var begun = new Subscribed(name, byServer);
        byName.put(name, begun);
        return begun;
    }

    /** Takes back {@link #begin}. */
    synchronized void giveUp(Subscribed begun) {
        if (!begun.live && byName.remove(begun.name, begun)) {
            release(begun);
        }
    }

    synchronized @Nullable Subscribed get(String name) {
        return byName.get(name);
    }

    /** {@return those that there are} */
    synchronized List<Subscribed> all() {
        return List.copyOf(byName.values());
    }

    /** What goes to the client together. */
    sealed interface Answer {

        /** {@return the line that the client is told} */
        Line line();

        /** A reply. */
        record Reply(Line line) implements Answer {}

        /**
         * The reply to a subscription, whose events follow it.
         *
         * @param otherwise the reply if the right has ended meanwhile
         */
        record Begun(Subscribed subscribed, Opening opening, Line line, Line otherwise)
                implements Answer {}

        /** The reply to a connection, whose events follow it. */
        record Opened(Line line, List<Begun> subscriptions) implements Answer {
            public Opened {
                subscriptions = List.copyOf(subscriptions);
            }
        }
    }

    /** A JSON text; a class, so that no record has an array. */
    static final class Line {
        final byte[] json;

        Line(byte[] json) {
            this.json = json;
        }
    }

    /** Sends answers at once, and has the events of new subscriptions follow them. */
    synchronized void send(List<Answer> answers) {
        var lines = new JsonBytes(256);
        var begun = new ArrayList<Answer.Begun>();
        for (Answer answer : answers) {
            if (lines.length() > 0) {
                lines.raw("\n");
            }
            lines.raw(line(answer, begun).json);
        }
        if (lines.length() > 0) {
            var _ = outbox.send(transport.framed(lines.toArray()));
        }
        begun.forEach(this::goLive);
    }

    private Line line(Answer answer, List<Answer.Begun> begun) {
        return switch (answer) {
            case Answer.Reply reply -> reply.line();
            case Answer.Opened opened -> {
                begun.addAll(opened.subscriptions());
                yield opened.line();
            }
            case Answer.Begun one -> {
                if (one.subscribed().ended != null) {
                    one.opening().close();
                    yield one.otherwise();
                }
                begun.add(one);
                yield one.line();
            }
        };
    }

    private void goLive(Answer.Begun begun) {
        Subscribed subscribed = begun.subscribed();
        Unsubscription ended = subscribed.ended;
        if (over || ended != null) {
            begun.opening().close();
            if (ended != null) {
                push(Push.unsubscribe(subscribed.name, ended));
            }
            return;
        }
        subscribed.live = begun.opening().addTo(outbox);
    }

    /** Ends one on request. Not an error if there is none. */
    synchronized void leave(String name) {
        Subscribed left = byName.remove(name);
        if (left != null) {
            release(left);
            if (left.live) {
                hub.remove(outbox, name);
            }
        }
    }

    /** Ends one, and tells the client. */
    synchronized void end(Subscribed subscribed, Unsubscription why) {
        if (!byName.remove(subscribed.name, subscribed)) {
            return;
        }
        subscribed.ended = why;
        release(subscribed);
        if (subscribed.live) {
            hub.remove(outbox, subscribed.name);
            push(Push.unsubscribe(subscribed.name, why));
        }
    }

    /** Ends those that {@code client} may not have any more. */
    void endThoseWithoutRight(Identity client, Instant now) {
        for (Subscribed each : all()) {
            if (!each.holds(client)) {
                boolean expired = !each.expires().isAfter(now);
                end(each, expired ? Unsubscription.EXPIRED : Unsubscription.NOT_ALLOWED);
            }
        }
    }

    private void push(byte[] json) {
        var _ = outbox.send(transport.framed(json));
    }

    /** Pushes a join or a leave to the client while it is subscribed to the topic. */
    synchronized void tell(Subscribed subscribed, byte[] push) {
        if (subscribed.live && subscribed.equals(byName.get(subscribed.name))) {
            push(push);
        }
    }

    /**
     * {@return whether {@code event} is to be pushed} If it tells of a hole, the client is told to
     * subscribe again. For the thread that owns the outbox.
     */
    boolean admits(Event event) {
        if (event.gap() == null) {
            return interrupted == null || !interrupted.contains(event.subscribed());
        }
        if (event.gap().reason() != GapReason.SKIPPED) { // which is as the topic's policy wants it
            interrupt(event.subscribed());
        }
        return false;
    }

    private void interrupt(String name) {
        Set<String> names = interrupted;
        if (names == null) {
            names = new HashSet<>();
            interrupted = names;
        }
        names.add(name);
        Subscribed subscribed = get(name);
        if (subscribed == null) {
            return; // the client has left it at this moment
        }
        if (subscribed.byServer) {
            // The client would not subscribe again, but reconnects.
            disconnect.accept(Disconnect.INSUFFICIENT_STATE);
        } else {
            end(subscribed, Unsubscription.INSUFFICIENT_STATE);
        }
    }

    /** Bytes are written that were sent. For the thread that owns the outbox. */
    void bytesTaken() {
        interrupted = null;
    }

    /** The connection is over. */
    synchronized void close() {
        over = true;
        byName.values().forEach(this::release);
        byName.clear();
    }

    /** Sets what ends with the subscription, unless it has ended. Under the lock. */
    synchronized void keep(Subscribed subscribed, Runnable keeping) {
        if (subscribed.ended == null && subscribed.equals(byName.get(subscribed.name))) {
            keeping.run();
        }
    }

    private void release(Subscribed subscribed) {
        if (subscribed.expiry != null) {
            subscribed.expiry.cancel(false);
        }
        if (subscribed.membership != null) {
            subscribed.membership.close();
        }
        if (subscribed.watch != null) {
            subscribed.watch.close();
        }
    }
}
