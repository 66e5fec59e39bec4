/**
 * Answers why a client did not get an event: {@code ExplainHandler}, from what open streams know of
 * themselves, and what the {@link dev.longwave.server.explain.FlightRecorder} keeps of those that
 * have ended.
 */
@NullMarked
package dev.longwave.server.explain;

import org.jspecify.annotations.NullMarked;
