/**
 * Server-Sent Events: subscribing, the loop of one stream, and what keeps streams alive and
 * bounded.
 */
@NullMarked
package dev.longwave.server.sse;

import org.jspecify.annotations.NullMarked;
