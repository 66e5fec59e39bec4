package dev.longwave.server.plugin;

import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Something in {@code plugins} that cannot be used, and why. Immutable. */
public final class BrokenPlugin {

    private final Path folder;
    private final @Nullable String jar;
    private final @Nullable String type;
    private final String reason;

    /**
     * @param folder where it is
     * @param jar the name of the jar concerned, null if it is none in particular
     * @param type the type of broker that it would be, null if not known
     * @param reason what is wrong and what to do, in one line
     */
    BrokenPlugin(Path folder, @Nullable String jar, @Nullable String type, String reason) {
        this.folder = folder;
        this.jar = jar;
        this.type = type;
        this.reason = reason;
    }

    /** {@return the folder that it is in} */
    public Path folder() {
        return folder;
    }

    /** {@return the name of the jar that is to blame, if it is one} */
    public Optional<String> jar() {
        return Optional.ofNullable(jar);
    }

    /** {@return the {@code broker.type} that it would have, as far as is known} */
    public Optional<String> type() {
        return Optional.ofNullable(type);
    }

    /** {@return what is wrong and what to do, without the place} */
    public String reason() {
        return reason;
    }

    /** {@return all of it in one line, for a log or a terminal} */
    public String line() {
        String line = reason + " folder=" + folder;
        return jar == null ? line : line + " jar=" + jar;
    }

    @Override
    public String toString() {
        return line();
    }
}
