/**
 * NATS as the bus: a JetStream stream for the log, and what it republishes for what is live.
 *
 * <p>{@link dev.longwave.broker.nats.JetStreamBroker} has the argument why nothing is lost in
 * silence.
 */
@NullMarked
package dev.longwave.broker.nats;

import org.jspecify.annotations.NullMarked;
