package dev.longwave.server.net;

/** The protocols that clients speak. */
public enum Protocol {
    /** HTTP/1.1, or HTTP/1.0: each request says which. */
    HTTP_1,
    HTTP_2
}
