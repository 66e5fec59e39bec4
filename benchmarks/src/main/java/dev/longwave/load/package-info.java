/**
 * Loads a whole server, Longwave or a peer, and reports what each delivery costs it.
 *
 * <p>One thread with one selector does everything: it publishes on a schedule, reads every stream,
 * and checks that each subscriber receives each event once. It runs on another core than the
 * server.
 */
@NullMarked
package dev.longwave.load;

import org.jspecify.annotations.NullMarked;
