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
     * @throws ProblemException if none were ever known, and the source cannot be reached
     */
    KeySet keys();

    /**
     * {@return the keys after another look at the source, as a token names a key that is not known}
     * They are the same if the source was looked at a moment ago.
     */
    KeySet newer();

    /**
     * {@return whether the source has the key with this thumbprint} It is looked at again for a key
     * that is not known: the key may be new, and another node may have fetched it.
     *
     * @throws ProblemException if the source is not reached, and so cannot say no
     */
    boolean contains(String thumbprint);

    /** Has the source looked at again soon, if it was ever needed. Does not wait for it. */
    void refresh();

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
            public boolean contains(String thumbprint) {
                return keys.get().contains(thumbprint);
            }

            @Override
            public void refresh() {
                // There is nothing newer.
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
        if (sources.size() == 1) {
            return sources.getFirst();
        }
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
            public boolean contains(String thumbprint) {
                ProblemException unavailable = null;
                for (KeySource source : sources) {
                    try {
                        if (source.contains(thumbprint)) {
                            return true;
                        }
                    } catch (ProblemException e) {
                        unavailable = e;
                    }
                }
                if (unavailable != null) {
                    throw unavailable;
                }
                return false;
            }

            @Override
            public void refresh() {
                sources.forEach(KeySource::refresh);
            }

            @Override
            public void close() {
                sources.forEach(KeySource::close);
            }
        };
    }
}
