/**
 * Open streams, whatever they are sent by: {@code Session} moves what an {@link
 * dev.longwave.core.Outbox} holds to a {@link dev.longwave.server.session.Sink}, and {@link
 * dev.longwave.server.session.Sessions} gives all of them their heartbeats, and ends them.
 */
@NullMarked
package dev.longwave.server.session;

import org.jspecify.annotations.NullMarked;
