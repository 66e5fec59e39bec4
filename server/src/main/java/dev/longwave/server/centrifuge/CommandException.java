package dev.longwave.server.centrifuge;

/** A command that cannot be done, and what its client is told. */
final class CommandException extends RuntimeException {

    private static final long serialVersionUID = 1;

    private final ErrorCode error;

    CommandException(ErrorCode error, String words) {
        super(words, null, false, false); // clients cause these, and may cause many
        this.error = error;
    }

    ErrorCode error() {
        return error;
    }

    /** {@return the reply to the command with this ID} */
    byte[] reply(long id) {
        JsonBytes json = new JsonBytes(128).raw("{\"id\":").number(id);
        json.raw(",\"error\":{\"code\":").number(error.code());
        json.raw(",\"message\":").string(String.valueOf(getMessage()));
        if (error.temporary()) {
            json.raw(",\"temporary\":true");
        }
        return json.raw("}}").toArray();
    }
}
