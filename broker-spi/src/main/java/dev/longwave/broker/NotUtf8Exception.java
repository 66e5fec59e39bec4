package dev.longwave.broker;

/** The data of a text message is not UTF-8. */
public final class NotUtf8Exception extends IllegalArgumentException {

    private static final long serialVersionUID = 1L;

    NotUtf8Exception(int length) {
        super(
                "message data is not UTF-8: correct it, or declare binary data with the attribute "
                        + "content-type length="
                        + length);
    }
}
