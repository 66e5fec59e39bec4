package dev.longwave.server.presence;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The listeners of one topic. */
final class Telling {

    private static final System.Logger LOGGER = System.getLogger(Telling.class.getName());

    private final Set<Watch> watches = ConcurrentHashMap.newKeySet();
    private final @Nullable RoomListener everywhere;

    /**
     * @param everywhere listens to all topics; null for none
     */
    Telling(@Nullable RoomListener everywhere) {
        this.everywhere = everywhere;
    }

    void add(Watch watch) {
        watches.add(watch);
    }

    void remove(Watch watch) {
        watches.remove(watch);
    }

    boolean isWatched() {
        return !watches.isEmpty();
    }

    boolean isEverywhere() {
        return everywhere != null;
    }

    /**
     * Notifies all watches that began before {@code order}, and the listener to all topics.
     *
     * @param what calls the listener
     */
    void tell(long order, Consumer<RoomListener> what) {
        if (everywhere != null) {
            call(everywhere, what);
        }
        for (Watch watch : watches) {
            if (watch.order() < order) {
                call(watch.listener(), what);
            }
        }
    }

    private static void call(RoomListener listener, Consumer<RoomListener> what) {
        try {
            what.accept(listener);
        } catch (RuntimeException e) {
            LOGGER.log(System.Logger.Level.ERROR, "a listener of presence failed", e);
        }
    }
}
