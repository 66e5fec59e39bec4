/**
 * The one algorithm behind all shared brokers: a live path that may lose messages, and a log that
 * does not.
 *
 * <p>To write a broker on a messaging system, implement {@link dev.longwave.broker.feed.SharedLog},
 * hand what arrives live to {@link dev.longwave.broker.feed.Feed}, and let {@link
 * dev.longwave.broker.Broker#subscribe} and {@link dev.longwave.broker.Broker#history} pass on to
 * the two.
 */
@NullMarked
package dev.longwave.broker.feed;

import org.jspecify.annotations.NullMarked;
