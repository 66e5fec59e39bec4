/**
 * Redis, or Valkey, as the bus: a stream for each topic's log, and Pub/Sub for what is live.
 *
 * <p>{@link dev.longwave.broker.redis.RedisBroker} has the argument why nothing is lost in silence.
 */
@NullMarked
package dev.longwave.broker.redis;

import org.jspecify.annotations.NullMarked;
