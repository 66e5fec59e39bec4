package dev.longwave.cli;

import java.io.BufferedOutputStream;
import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.function.Supplier;

/**
 * Where a command reads from and writes to.
 *
 * @param in standard input
 * @param out standard output, buffered; unlike {@link System#out} it throws once nobody reads it
 * @param err where people are told things
 * @param device what standard output leads to; asked for only by commands that need to know, as
 *     that takes some milliseconds
 */
record Terminal(InputStream in, OutputStream out, PrintStream err, Supplier<OutputDevice> device) {

    private static final int BUFFER_BYTES = 64 << 10;

    /** A terminal whose output leads to an unknown device. */
    Terminal(InputStream in, OutputStream out, PrintStream err) {
        this(in, out, err, () -> OutputDevice.UNKNOWN);
    }

    static Terminal system() {
        return new Terminal(
                new FileInputStream(FileDescriptor.in),
                new BufferedOutputStream(new FileOutputStream(FileDescriptor.out), BUFFER_BYTES),
                new PrintStream(
                        new FileOutputStream(FileDescriptor.err), true, StandardCharsets.UTF_8),
                StandardOutput::open);
    }

    /** Writes text to standard output at once. */
    void print(String text) throws IOException {
        out.write(text.getBytes(StandardCharsets.UTF_8));
        out.flush();
    }

    /** Tells the person at the terminal something, without disturbing standard output. */
    void say(String message) {
        err.println("longwave: " + message);
    }
}
