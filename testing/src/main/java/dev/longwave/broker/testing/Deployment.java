package dev.longwave.broker.testing;

/** Servers that nodes can share, as people run them. */
public interface Deployment {

    /** Starts the servers, and waits until they do their work. */
    Bus start();
}
