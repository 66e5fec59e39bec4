package dev.longwave.cli.demo;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Queue;
import org.jspecify.annotations.Nullable;

/** Plays one script to a publisher, without a clock: it says how long to wait. For one thread. */
final class Lane {

    static final Duration RETRY_DELAY = Duration.ofSeconds(3);

    /** After as many, an event is given up: it may be one that will never be accepted. */
    static final int MAX_ATTEMPTS = 5;

    private static final Logger LOG = System.getLogger(Lane.class.getName());

    private final Script script;
    private final EventPublisher publisher;
    private final Queue<Step> scene = new ArrayDeque<>();

    private @Nullable DemoEvent due;
    private int failures;

    Lane(Script script, EventPublisher publisher) {
        this.script = script;
        this.publisher = publisher;
    }

    /**
     * Publishes the event whose time has come; the first call has none.
     *
     * @return how long to wait before the next call
     */
    Duration advance() {
        if (due != null && !settled(due)) {
            return RETRY_DELAY;
        }
        if (scene.isEmpty()) {
            scene.addAll(script.nextScene());
        }
        Step step = scene.remove();
        due = step.event();
        return step.delay();
    }

    /** Publishes the event, or gives it up. Returns false if it should be tried again. */
    private boolean settled(DemoEvent event) {
        try {
            publisher.publish(event.topic(), event.type(), event.key(), event.data(), event.end());
        } catch (RuntimeException e) {
            failures++;
            if (failures == 1) {
                LOG.log(
                        Level.WARNING,
                        "demo cannot publish, tries again: topic="
                                + event.topic()
                                + " reason="
                                + e);
            }
            return failures % MAX_ATTEMPTS == 0;
        }
        if (failures > 0) {
            LOG.log(Level.INFO, "demo publishes again: topic=" + event.topic());
            failures = 0;
        }
        return true;
    }
}
