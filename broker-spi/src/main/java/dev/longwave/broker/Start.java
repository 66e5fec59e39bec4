package dev.longwave.broker;

import java.time.Instant;

/**
 * Where in a topic's log to begin reading. Immutable.
 *
 * <p>A broker tells them apart with a {@code switch} over their classes. Later versions may add
 * classes, so the switch needs a {@code default}, which throws {@link #unsupported()}; the compiler
 * insists on it. A new class comes with a {@link Capability}, and a broker that does not declare
 * that one is never given it.
 */
public abstract class Start {

    private Start() {}

    /** {@return a start with the oldest entry that the log still has} */
    public static Earliest earliest() {
        return Earliest.INSTANCE;
    }

    /** {@return a start with the entry that follows {@code position}} */
    public static After after(Position position) {
        return new After(position);
    }

    /** {@return a start with the first entry accepted at {@code time} or later} */
    public static Since since(Instant time) {
        return new Since(time);
    }

    /**
     * {@return a start with the {@code count}th entry from the end}
     *
     * @param count 1 or more
     * @throws IllegalArgumentException if it is less
     */
    public static Last last(int count) {
        return new Last(count);
    }

    /** {@return what a broker throws that does not know this class of start} */
    public final UnsupportedOperationException unsupported() {
        return new UnsupportedOperationException("this broker cannot start reading at " + this);
    }

    /** With the oldest entry that the log still has. */
    public static final class Earliest extends Start {

        private static final Earliest INSTANCE = new Earliest();

        private Earliest() {}

        @Override
        public String toString() {
            return "earliest";
        }
    }

    /**
     * With the entry that follows a position. The position need not be that of an entry: the one
     * before the first entry, as {@link Broker.Subscription#start()} gives for an empty topic, is
     * one too.
     */
    public static final class After extends Start {

        private final Position position;

        private After(Position position) {
            this.position = position;
        }

        /** {@return the position} */
        public Position position() {
            return position;
        }

        @Override
        public String toString() {
            return "after " + position;
        }
    }

    /** With the first entry accepted at some time or later. */
    public static final class Since extends Start {

        private final Instant time;

        private Since(Instant time) {
            this.time = time;
        }

        /** {@return the time} */
        public Instant time() {
            return time;
        }

        @Override
        public String toString() {
            return "since " + time;
        }
    }

    /**
     * With some entry, counted from the end. With fewer entries in the log it is the same as {@link
     * Earliest}.
     */
    public static final class Last extends Start {

        private final int count;

        private Last(int count) {
            if (count < 1) {
                throw new IllegalArgumentException("last needs a count count=" + count + " min=1");
            }
            this.count = count;
        }

        /** {@return how many entries to read, 1 or more} */
        public int count() {
            return count;
        }

        @Override
        public String toString() {
            return "last " + count;
        }
    }
}
