package dev.longwave.testing;

import java.io.IOException;
import java.net.Socket;

/** How a TCP connection ends. */
public enum Ending {
    /** In order: what was written arrives. */
    FIN,
    /** With a reset: what was written and is still on its way is lost. */
    RST;

    /** Ends a connection, from any thread. Who reads from it or writes to it here fails. */
    void end(Socket socket) {
        try {
            if (this == RST) {
                socket.setSoLinger(true, 0);
            }
        } catch (IOException _) {
            // It is closed already.
        }
        try {
            socket.close();
        } catch (IOException _) {
            // Closing was all there was to do.
        }
    }
}
