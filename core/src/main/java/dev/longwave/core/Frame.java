package dev.longwave.core;

import org.jspecify.annotations.Nullable;

/**
 * One event in one {@link Format}: bytes that all connections share, and that never change.
 *
 * <p>Formats extend it with the bytes, and with where in them the parts begin.
 */
public abstract class Frame {
    private final Format<?> format;
    private @Nullable Frame next; // of the same event, in another format; set before it is shared

    /** A frame in {@code format}. */
    protected Frame(Format<?> format) {
        this.format = format;
    }

    @SuppressWarnings("ReferenceEquality") // formats are told apart by identity
    final boolean isIn(Format<?> other) {
        return format == other;
    }

    final @Nullable Frame next() {
        return next;
    }

    final void before(@Nullable Frame following) {
        next = following;
    }
}
