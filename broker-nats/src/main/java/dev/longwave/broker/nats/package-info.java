/**
 * The broker on NATS: a JetStream stream is the log, and its republished messages are the live
 * path.
 *
 * <p>{@link dev.longwave.broker.nats.JetStreamBroker} explains why no event is lost silently.
 */
@NullMarked
package dev.longwave.broker.nats;

import org.jspecify.annotations.NullMarked;
