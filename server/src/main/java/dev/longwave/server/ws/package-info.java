/**
 * WebSockets: RFC 6455, the opening handshake over HTTP/1.1 and HTTP/2 (RFC 8441), framing, and the
 * raw endpoint, where each frame is an event.
 */
@NullMarked
package dev.longwave.server.ws;

import org.jspecify.annotations.NullMarked;
