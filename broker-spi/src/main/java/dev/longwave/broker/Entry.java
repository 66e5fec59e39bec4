package dev.longwave.broker;

import java.time.Instant;

/**
 * A message in the log of its topic.
 *
 * @param position where it stands
 * @param time when the broker accepted it, by the broker's clock, to the millisecond
 * @param message what was published
 */
public record Entry(Position position, Instant time, Message message) {}
