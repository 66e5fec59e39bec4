/**
 * The broker for Redis and Valkey: each topic's log is a stream, and live delivery uses Pub/Sub.
 *
 * <p>{@code RedisBroker} explains why no event is lost silently.
 */
@NullMarked
package dev.longwave.broker.redis;

import org.jspecify.annotations.NullMarked;
