/**
 * What a broker is to Longwave: it gives events a {@link dev.longwave.broker.Position}, keeps a
 * readable log of each topic, and hands new events to every node that is interested.
 *
 * <p>To write a broker, implement {@link dev.longwave.broker.BrokerProvider} and {@link
 * dev.longwave.broker.Broker}, name the provider in {@code META-INF/services}, and pass the
 * contract tests of {@code longwave-testing}.
 */
@NullMarked
package dev.longwave.broker;

import org.jspecify.annotations.NullMarked;
