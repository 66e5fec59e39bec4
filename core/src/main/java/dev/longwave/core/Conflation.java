package dev.longwave.core;

import dev.longwave.broker.Entry;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Keeps the newest of each key. */
final class Conflation {
    private Conflation() {}

    /** {@return what an entry tells of: its key, within its topic if it came through a pattern} */
    static @Nullable String key(Entry entry) {
        String key = entry.message().key();
        if (entry.topic() == null) {
            return key;
        }
        return entry.topic() + '\n' + (key == null ? "" : key); // neither has a line break
    }

    /**
     * The newest element of each key, oldest first.
     *
     * @param elements oldest first
     * @param key gives an element's key; elements without one count as of one further key
     */
    static <T> List<T> newestPerKey(List<T> elements, Function<T, @Nullable String> key) {
        var seen = new HashSet<@Nullable String>();
        var newest = new ArrayList<T>();
        for (T element : elements.reversed()) {
            if (seen.add(key.apply(element))) {
                newest.add(element);
            }
        }
        return newest.reversed();
    }
}
