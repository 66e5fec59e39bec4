package dev.longwave.server.net;

/** The protocols that clients speak. */
public enum Protocol {
    HTTP_1_0,
    HTTP_1_1,
    HTTP_2
}
