package dev.longwave.server.auth;

import dev.longwave.server.http.ProblemException;
import dev.longwave.token.KeySet;
import java.util.List;
import java.util.function.Supplier;

/** Where the keys of an issuer come from. They may change. Safe for many threads. */
interface KeySource extends AutoCloseable {

    /**
     * {@return the keys as they are known}
     *
     * @throws dev.longwave.server.http.ProblemException if none were ever known, and the source
     *     cannot be reached
     */
    KeySet keys();

    /**
     * {@return the keys after another look at the source, as a token names a key that is not known}
     * They are the same if the source was looked at a moment ago.
     */
    KeySet newer();

    @Override
    void close();

    /** {@return a source that is at hand: there is nothing newer than what it gives} */
    static KeySource of(Supplier<KeySet> keys) {
        return new KeySource() {
            @Override
            public KeySet keys() {
                return keys.get();
            }

            @Override
            public KeySet newer() {
                return keys.get();
            }

            @Override
            public void close() {
                // Nothing is open.
            }
        };
    }

    /**
     * {@return the keys of all these sources}
     *
     * @param sources one or more
     */
    static KeySource all(List<KeySource> sources) {
        return new KeySource() {
            // One source that is not reached must not keep out the others.
            @Override
            public KeySet keys() {
                KeySet all = KeySet.empty();
                ProblemException unavailable = null;
                for (KeySource source : sources) {
                    try {
                        all = all.plus(source.keys());
                    } catch (ProblemException e) {
                        unavailable = e;
                    }
                }
                if (all.isEmpty() && unavailable != null) {
                    throw unavailable;
                }
                return all;
            }

            @Override
            public KeySet newer() {
                return sources.stream().map(KeySource::newer).reduce(KeySet::plus).orElseThrow();
            }

            @Override
            public void close() {
                sources.forEach(KeySource::close);
            }
        };
    }
}
