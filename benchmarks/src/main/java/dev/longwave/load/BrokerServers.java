package dev.longwave.load;

import dev.longwave.broker.testing.Bus;
import java.io.IOException;
import java.util.Locale;

/** Runs the servers of a broker until its standard input is closed. */
final class BrokerServers {
    private BrokerServers() {}

    /**
     * The command: prints the settings for a node on one line when the servers are ready.
     *
     * @param args the kind of broker: a constant of {@link Bus.Kind} in lower case with dashes
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
