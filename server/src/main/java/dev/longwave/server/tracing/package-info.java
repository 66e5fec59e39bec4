/**
 * Spans of what the server does for a publisher, sent to a collector of OpenTelemetry. The only
 * package that knows that library, and only in use if a collector is configured.
 */
@NullMarked
package dev.longwave.server.tracing;

import org.jspecify.annotations.NullMarked;
