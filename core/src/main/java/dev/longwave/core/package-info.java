/**
 * One node's engine: topics and their logs, subscriptions with their cursors, outboxes that wake
 * one thread per connection, and the encoding of events.
 *
 * <p>{@link dev.longwave.core.Hub} is the way in. Nothing here knows HTTP servers or broker
 * implementations.
 */
@NullMarked
package dev.longwave.core;

import org.jspecify.annotations.NullMarked;
