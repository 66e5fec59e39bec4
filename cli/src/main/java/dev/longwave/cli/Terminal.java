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

/**
 * Where a command reads from and writes to.
 *
 * @param in standard input
 * @param out standard output, buffered; unlike {@link System#out} it throws once nobody reads it
 * @param err where people are told things
 */
record Terminal(InputStream in, OutputStream out, PrintStream err) {

    private static final int BUFFER_BYTES = 64 << 10;

    static Terminal system() {
        return new Terminal(
                new FileInputStream(FileDescriptor.in),
                new BufferedOutputStream(new FileOutputStream(FileDescriptor.out), BUFFER_BYTES),
                new PrintStream(
                        new FileOutputStream(FileDescriptor.err), true, StandardCharsets.UTF_8));
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
