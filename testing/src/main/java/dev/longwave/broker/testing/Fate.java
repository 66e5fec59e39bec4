package dev.longwave.broker.testing;

import java.util.Random;
import java.util.function.Supplier;

/** What a {@link FaultProxy} does with one connection. Counts are of bytes from the server. */
public sealed interface Fate {

    /** Passes everything on. */
    record Pass() implements Fate {}

    /**
     * Passes {@code afterBytes} bytes, then ends the connection to both sides. Only {@link
     * Ending#FIN} guarantees that the client receives all of them.
     */
    record Cut(long afterBytes, Ending ending) implements Fate {}

    /** Passes {@code afterBytes} bytes, then reads no more from the server. */
    record Freeze(long afterBytes) implements Fate {}

    /** Passes at most {@code bytesPerSecond}, and reads no faster from the server. */
    record Throttle(int bytesPerSecond) implements Fate {}

    /** Resets the connection as soon as it is accepted. */
    record Refuse() implements Fate {}

    /** Reads everything the client sends, passes nothing to the server, and never answers. */
    record Swallow() implements Fate {}

    /** {@return cuts after 0 to {@code maxBytes} bytes, half of them with FIN and half with RST} */
    static Supplier<Fate> cutsAtRandom(Random random, int maxBytes) {
        return () ->
                new Cut(
                        random.nextInt(maxBytes + 1),
                        random.nextBoolean() ? Ending.FIN : Ending.RST);
    }
}
