/**
 * What Longwave needs of connections beyond what Helidon gives: HTTP/2 resets reach the stream that
 * they are for, HTTP/1.0 clients (a proxy with default settings) are served, connections are
 * counted and limited, and an open stream keeps its connection from counting as idle. On Helidon's
 * public SPI only.
 */
@NullMarked
package dev.longwave.server.wire;

import org.jspecify.annotations.NullMarked;
