package dev.longwave.server.net.helidon;

import dev.longwave.server.net.ClientFaults;
import dev.longwave.server.net.Deadlines;

/**
 * What the HTTP/2 connections of a server have in common.
 *
 * @param maxStreams how many requests a connection may have open
 * @param deadlines for the bodies of requests
 * @param faults is told what clients do wrong
 */
record Http2Services(int maxStreams, Deadlines deadlines, ClientFaults faults) {}
