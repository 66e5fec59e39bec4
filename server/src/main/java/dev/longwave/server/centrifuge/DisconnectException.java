package dev.longwave.server.centrifuge;

/** Ends the connection of the client whose command is being handled. */
final class DisconnectException extends RuntimeException {

    private static final long serialVersionUID = 1;

    private final Disconnect why;

    DisconnectException(Disconnect why) {
        super(why.reason(), null, false, false); // clients cause these, and may cause many
        this.why = why;
    }

    Disconnect why() {
        return why;
    }
}
