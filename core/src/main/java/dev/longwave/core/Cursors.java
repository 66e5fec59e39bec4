package dev.longwave.core;

import org.jspecify.annotations.Nullable;

/** Where a stream stands in its topics. For the thread that owns the stream's {@link Outbox}. */
public interface Cursors {

    /** {@return how many topics and patterns the stream has} */
    int count();

    /**
     * {@return the stream's event ID: how far it has come in each topic. Empty if that is not known
     * of any yet}
     */
    String id();

    /**
     * {@return the event that {@link #id()} names, if the stream has one topic and its log still
     * holds that event; otherwise null} What a format makes of it is shared by all streams that
     * stand at the same place.
     */
    @Nullable Event last();
}
