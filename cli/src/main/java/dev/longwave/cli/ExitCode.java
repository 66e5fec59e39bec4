package dev.longwave.cli;

/** How a command ended. The texts in the commands' help say the same. */
final class ExitCode {

    static final int DONE = 0;

    /** The server could not be reached for long enough, or input or output failed. */
    static final int GAVE_UP = 1;

    /** The command line makes no sense. Picocli uses the same number. */
    static final int USAGE = 2;

    /** The server said no; asking again cannot help. */
    static final int REFUSED = 3;

    private ExitCode() {}
}
