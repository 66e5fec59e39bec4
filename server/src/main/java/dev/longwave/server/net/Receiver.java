package dev.longwave.server.net;

/**
 * Takes what a client sends, as it arrives. Called on virtual threads, by one at a time: while a
 * call lasts, nothing more is read, so that a client cannot send more than is taken.
 */
public interface Receiver {

    /**
     * Something has arrived. May block.
     *
     * @param bytes one byte or more, which are the receiver's from now on
     */
    void received(byte[] bytes);

    /** The client sends nothing more, or is gone. Once, as the last call. */
    void ended();
}
