/**
 * Helidon's protocol engines behind our own connections, and the only place that imports their
 * types. They are given what they need through Helidon's public interfaces, and mended at the
 * edges: {@link dev.longwave.server.net.helidon.RequestReader} reads HTTP/1 in front of its engine,
 * so that no body is run as a request and HTTP/1.0 clients (a proxy with default settings) are
 * served; {@link dev.longwave.server.net.helidon.Http2Guard} reads the frames of HTTP/2 in front of
 * its engine, so that what is wrong with one request ends no other, and resets reach the stream
 * that they are for; and a handler can take a connection over for good: {@link
 * dev.longwave.server.net.helidon.Exchange}.
 */
@NullMarked
package dev.longwave.server.net.helidon;

import org.jspecify.annotations.NullMarked;
