package dev.longwave.load;

import dev.longwave.broker.testing.Bus;
import java.io.IOException;
import java.util.Locale;

/** Starts the servers of a bus for as long as its standard input is open. */
final class BusServers {
    private BusServers() {}

    /**
     * The command: prints the settings of a node, on one line, when the servers are ready.
     *
     * @param args the kind of bus, as in {@link Bus.Kind} but with small letters and dashes
     */
    public static void main(String[] args) throws IOException {
        Bus.Kind kind = Bus.Kind.valueOf(args[0].toUpperCase(Locale.ROOT).replace('-', '_'));
        try (Bus bus = kind.start()) {
            System.out.println(String.join(" ", bus.settings()));
            System.out.flush();
            while (System.in.read() >= 0) {
                // Until it is closed.
            }
        }
    }
}
