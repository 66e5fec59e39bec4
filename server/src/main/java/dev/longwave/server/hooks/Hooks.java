package dev.longwave.server.hooks;

import dev.longwave.broker.Broker;
import dev.longwave.server.http.HttpFetch;
import dev.longwave.server.presence.RoomListener;
import java.net.URI;
import java.time.Duration;
import java.time.InstantSource;
import java.util.EnumSet;
import org.jspecify.annotations.Nullable;

/** The hooks of one node: signed requests to the application. Safe for many threads. */
public final class Hooks implements AutoCloseable {

    private static final Duration SETTLE = Duration.ofMillis(500);
    private static final Duration RETRY = Duration.ofSeconds(1);
    private static final int ANSWER_BYTES = 64 << 10; // beside the data that it may have

    private final PublishHook publish;
    private final boolean publishOverHttp;
    private final Tally tally = new Tally();
    private final @Nullable HookClient client;
    private final @Nullable RoomHooks rooms;

    private Hooks(
            Broker broker,
            HookSettings settings,
            int maxDataBytes,
            Lane.Timing timing,
            InstantSource clock) {
        this.publishOverHttp = settings.publishOverHttp();
        URI url = settings.url();
        HookSecret secret = settings.secret();
        if (url == null || secret == null) {
            client = null;
            rooms = null;
            publish = PublishHook.NONE;
            return;
        }
        var requests =
                new HookClient(
                        url,
                        secret,
                        new HttpFetch(settings.timeout(), 2 * maxDataBytes + ANSWER_BYTES),
                        clock);
        client = requests;
        publish =
                settings.events().contains(HookEvent.PUBLISH)
                        ? new AskingHook(requests, settings, maxDataBytes, clock)
                        : PublishHook.NONE;
        var told = EnumSet.complementOf(EnumSet.of(HookEvent.PUBLISH));
        told.retainAll(settings.events());
        rooms =
                told.isEmpty()
                        ? null
                        : new RoomHooks(broker, requests, settings, timing, tally, clock);
    }

    /**
     * {@return the hooks of a node}
     *
     * @param broker says which node tells the application of an event
     * @param maxDataBytes how long the data of an event may be
     */
    public static Hooks open(Broker broker, HookSettings settings, int maxDataBytes) {
        var timing = new Lane.Timing(SETTLE, RETRY, settings.deadline());
        return open(broker, settings, maxDataBytes, timing, InstantSource.system());
    }

    static Hooks open(
            Broker broker,
            HookSettings settings,
            int maxDataBytes,
            Lane.Timing timing,
            InstantSource clock) {
        return new Hooks(broker, settings, maxDataBytes, timing, clock);
    }

    /** {@return the listener for joins and leaves in all topics; null if there is none} */
    public @Nullable RoomListener rooms() {
        return rooms;
    }

    /** {@return who is asked about what clients publish on a connection of their own} */
    public PublishHook publish() {
        return publish;
    }

    /** {@return who is asked about what is published over HTTP} */
    public PublishHook publishOverHttp() {
        return publishOverHttp ? publish : PublishHook.NONE;
    }

    /** {@return how many events were told} */
    public long told() {
        return tally.toldCount();
    }

    /** {@return how many events nobody will be told of} */
    public long dropped() {
        return tally.droppedCount();
    }

    /** Ends all requests. Events that wait are lost. */
    @Override
    public void close() {
        if (rooms != null) {
            rooms.close();
        }
        if (client != null) {
            client.close();
        }
    }
}
