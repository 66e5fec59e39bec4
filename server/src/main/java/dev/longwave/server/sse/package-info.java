/**
 * Server-Sent Events: subscribing, the wire format, and what a response of events is written by.
 */
@NullMarked
package dev.longwave.server.sse;

import org.jspecify.annotations.NullMarked;
