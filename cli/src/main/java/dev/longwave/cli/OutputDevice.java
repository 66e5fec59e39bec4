package dev.longwave.cli;

/** What standard output leads to: a terminal, a file, or a pipe that somebody reads. */
interface OutputDevice {

    /** An output of which nothing is known. */
    OutputDevice UNKNOWN =
            new OutputDevice() {
                @Override
                public boolean isTerminal() {
                    return false;
                }

                @Override
                public boolean isClosed() {
                    return false;
                }

                @Override
                public void onClosed(Runnable action) {
                    // The next write tells.
                }
            };

    /** Whether people read it as it is written. */
    boolean isTerminal();

    /** Whether nobody reads it any more. */
    boolean isClosed();

    /** Runs {@code action} once, on another thread, as soon as nobody reads it any more. */
    void onClosed(Runnable action);
}
