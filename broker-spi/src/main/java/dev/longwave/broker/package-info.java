/**
 * What a broker does for Longwave: it gives events a {@link dev.longwave.broker.Position}, keeps a
 * readable log of each topic, and delivers new events to every node that is subscribed.
 *
 * <p>To write a broker, implement {@link dev.longwave.broker.BrokerProvider} and {@link
 * dev.longwave.broker.Broker}, name the provider in {@code META-INF/services}, and pass the
 * contract tests of {@code longwave-testing}.
 *
 * <h2>Compatibility</h2>
 *
 * <p>A broker that was compiled against {@link dev.longwave.broker.SpiVersion} {@code x.y} works
 * with every later {@code x.z}. Within a major version these packages may gain classes, methods of
 * classes, methods with a default of interfaces that brokers implement, methods of {@link
 * dev.longwave.broker.Broker.Sink}, constants of enums, and subclasses of {@link
 * dev.longwave.broker.Start} and {@link dev.longwave.broker.BrokerException}; they lose and rename
 * nothing. So a broker has a {@code default} in every {@code switch} over a type of this package.
 */
@NullMarked
package dev.longwave.broker;

import org.jspecify.annotations.NullMarked;
