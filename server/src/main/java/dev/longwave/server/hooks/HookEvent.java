package dev.longwave.server.hooks;

import java.util.Locale;

/** What the application can be told, or asked. */
enum HookEvent {
    JOINED,
    LEFT,
    OCCUPIED,
    VACATED,
    PUBLISH;

    /** {@return what it is called in settings and requests} */
    String word() {
        return name().toLowerCase(Locale.ROOT);
    }
}
