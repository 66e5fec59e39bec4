package dev.longwave.core;

import dev.longwave.broker.Entry;
import dev.longwave.broker.EphemeralMessage;
import dev.longwave.broker.Position;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What a subscriber is told: a message, in the log or ephemeral, or that messages are missing. It
 * keeps what each {@link Format} has made of it. Safe for many threads.
 */
public final class Event {
    /*
     * Immutable but for `frames`, a list that grows at its head. Its head is stored with release and read
     * with acquire, so a thread that finds a frame sees it complete. Frames are added under the event's
     * own lock, after looking again, so that a format encodes an event at most once. Races: EventStress.
     */
    static final long UNLOGGED = -1;

    /** About what an event's frame holds besides its data, counted against the bytes of a log. */
    private static final int OVERHEAD_BYTES = 64;

    private static final VarHandle FRAMES;

    static {
        try {
            FRAMES = MethodHandles.lookup().findVarHandle(Event.class, "frames", Frame.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private final long sequence;
    private final TopicId subscribed;
    private final Position position;
    private final @Nullable Entry entry;
    private final @Nullable Gap gap;
    private final boolean end; // asked for at each delivery, and so not looked up then
    private final boolean ephemeral;
    private final int ephemeralBefore;

    @SuppressWarnings("UnusedVariable") // by FRAMES
    private @Nullable Frame frames;

    private Event(
            long sequence,
            TopicId subscribed,
            Position position,
            @Nullable Entry entry,
            @Nullable Gap gap,
            boolean ephemeral,
            int ephemeralBefore) {
        this.sequence = sequence;
        this.subscribed = subscribed;
        this.position = position;
        this.entry = entry;
        this.gap = gap;
        this.end = entry != null && entry.message().end() && entry.topic() == null;
        this.ephemeral = ephemeral;
        this.ephemeralBefore = ephemeralBefore;
    }

    /**
     * {@return a message as a subscriber of {@code subscribed} receives it}
     *
     * @param subscribed a topic or pattern
     */
    public static Event of(String subscribed, Entry entry) {
        return message(UNLOGGED, new TopicId(subscribed), entry);
    }

    /**
     * {@return a gap as a subscriber of {@code subscribed} receives it}
     *
     * @param subscribed a topic or pattern
     */
    public static Event of(String subscribed, Gap gap) {
        return gap(UNLOGGED, new TopicId(subscribed), gap, gap.before());
    }

    /**
     * {@return an ephemeral message as a live subscriber of {@code subscribed} receives it}
     *
     * @param subscribed a topic or pattern
     * @param cursor where its readers stand before and after it
     */
    public static Event of(String subscribed, EphemeralMessage message, Position cursor) {
        return ephemeral(UNLOGGED, new TopicId(subscribed), message, cursor, 0);
    }

    static Event message(long sequence, TopicId subscribed, Entry entry) {
        return message(sequence, subscribed, entry, 0);
    }

    /**
     * @param ephemeralBefore see {@link #ephemeralBefore()}
     */
    static Event message(long sequence, TopicId subscribed, Entry entry, int ephemeralBefore) {
        return new Event(
                sequence, subscribed, entry.position(), entry, null, false, ephemeralBefore);
    }

    /**
     * @param cursor where a reader stands that has been told
     */
    static Event gap(long sequence, TopicId subscribed, Gap gap, Position cursor) {
        return gap(sequence, subscribed, gap, cursor, 0);
    }

    /**
     * @param cursor where a reader stands that has been told
     * @param ephemeralBefore see {@link #ephemeralBefore()}
     */
    static Event gap(
            long sequence, TopicId subscribed, Gap gap, Position cursor, int ephemeralBefore) {
        return new Event(sequence, subscribed, cursor, null, gap, false, ephemeralBefore);
    }

    /**
     * @param cursor where a reader stands, whom it does not move
     * @param ephemeralBefore see {@link #ephemeralBefore()}
     */
    static Event ephemeral(
            long sequence,
            TopicId subscribed,
            EphemeralMessage message,
            Position cursor,
            int ephemeralBefore) {
        String topic = message.topic();
        Entry entry = Entry.of(cursor, Instant.now(), message.message());
        return new Event(
                sequence,
                subscribed,
                cursor,
                topic == null ? entry : entry.in(topic),
                null,
                true,
                ephemeralBefore);
    }

    /** Where a log begins of which no entry is known. Nobody receives it. */
    static Event origin(TopicId subscribed, Position position) {
        return new Event(0, subscribed, position, null, null, false, 0);
    }

    /** What is left of this event once it was erased: where its topic stands. */
    Event withoutContent(long newSequence) {
        return new Event(newSequence, subscribed, position, null, null, false, 0);
    }

    /** The same event at another place in a log, with no ephemeral ones before it. */
    Event at(long newSequence) {
        return new Event(newSequence, subscribed, position, entry, gap, ephemeral, 0);
    }

    /** Its place in the {@link TopicLog} that holds it; {@link #UNLOGGED} outside of one. */
    long sequence() {
        return sequence;
    }

    /** {@return the topic or pattern under which the client subscribed to it} */
    public String subscribed() {
        return subscribed.name();
    }

    /** {@return the cursor of a client that has received it} */
    public Position position() {
        return position;
    }

    /** {@return its ID on a stream of one topic} */
    public String id() {
        return id(position);
    }

    /** {@return the ID of {@code other} in the topic or pattern of this event} */
    public String id(Position other) {
        return EventId.part(subscribed.hash(), other);
    }

    /** {@return the message, or null if this is a gap, or only where a topic stands} */
    public @Nullable Entry entry() {
        return entry;
    }

    /** {@return what is missing, or null if this is a message or where a log begins} */
    public @Nullable Gap gap() {
        return gap;
    }

    /** Whether clients receive it, rather than a log only beginning with it. */
    boolean isTold() {
        return entry != null || gap != null;
    }

    /**
     * {@return whether it is in no log: only clients that are connected now receive it, and it does
     * not move their cursors} {@link #position()} and {@link #id()} are those of the event before
     * it, and the time of its entry is when this node received it.
     */
    public boolean ephemeral() {
        return ephemeral;
    }

    /**
     * How many ephemeral events stand directly before it in its log. So it tells whether a reader
     * that missed what was before it has missed any other events.
     */
    int ephemeralBefore() {
        return ephemeralBefore;
    }

    /**
     * Of the events with the same key only the newest matters, where only the newest matters. An
     * ephemeral event does not stand for one that is in the log, and so shares no key with it.
     */
    @Nullable String key() {
        if (entry == null) {
            return null;
        }
        String key = Conflation.key(entry);
        return ephemeral ? '\n' + (key == null ? "" : key) : key;
    }

    /** The same where only the newest event of all matters, and the newest ephemeral one. */
    @Nullable String kind() {
        return ephemeral ? "ephemeral" : null;
    }

    /** Whether it is a gap that sends its readers back. */
    boolean back() {
        return gap != null && gap.back();
    }

    /** Whether it is the last message of its topic. The end of one topic does not end a pattern. */
    boolean end() {
        return end;
    }

    /** What it counts against the bytes of a log: about the length of a frame. */
    int size() {
        return OVERHEAD_BYTES + (entry == null ? 0 : entry.message().data().length);
    }

    /** {@return this event in {@code format}, encoded now if nobody needed it before} */
    public <F extends Frame> F frame(Format<F> format) {
        F found = find(format);
        return found != null ? found : encode(format);
    }

    @SuppressWarnings("unchecked") // a frame in a format is what that format made
    private <F extends Frame> @Nullable F find(Format<F> format) {
        for (Frame frame = (Frame) FRAMES.getAcquire(this); frame != null; frame = frame.next()) {
            if (frame.isIn(format)) {
                return (F) frame;
            }
        }
        return null;
    }

    private synchronized <F extends Frame> F encode(Format<F> format) {
        F found = find(format);
        if (found != null) {
            return found;
        }
        F made = format.encode(this);
        made.before((Frame) FRAMES.getAcquire(this));
        FRAMES.setRelease(this, made);
        return made;
    }
}
