package dev.longwave.core;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Keeps the newest of each key. */
final class Conflation {
    private Conflation() {}

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
