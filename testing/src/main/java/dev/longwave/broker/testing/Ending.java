package dev.longwave.broker.testing;

import java.io.IOException;
import java.net.Socket;

/** How a TCP connection ends. */
public enum Ending {
    /** In order: everything written before it arrives. */
    FIN,
    /** With a reset: data that was written and is still on its way is lost. */
    RST;

    /** Closes a socket, from any thread. Threads that read from it or write to it here fail. */
    public void end(Socket socket) {
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
            // It cannot be more closed than that.
        }
    }
}
