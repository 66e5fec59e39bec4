package dev.longwave.cli;

import java.nio.file.Path;

/** Where the distribution is unpacked; the launcher says so. */
final class Home {

    private Home() {}

    /** {@return the folder with one folder for each plugin, which need not exist} */
    static Path plugins() {
        return Path.of(System.getProperty("longwave.home", "."), "plugins");
    }
}
