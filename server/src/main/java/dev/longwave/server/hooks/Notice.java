package dev.longwave.server.hooks;

import java.time.Instant;
import java.util.function.Supplier;

/**
 * An event that the application is to be told.
 *
 * @param topic of which topic; those of one are told in order
 * @param id its name, the same on all nodes. It may still change in the moment after the event
 * @param body what to send
 * @param time when it happened
 */
record Notice(String topic, Supplier<String> id, Supplier<byte[]> body, Instant time) {}
