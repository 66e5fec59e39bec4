/**
 * Loads a whole server, Longwave or a peer, and says what each delivery cost it.
 *
 * <p>One thread with one selector does everything: it publishes on a schedule, reads every stream,
 * and checks that each subscriber got each event once. It has a core of its own, apart from the
 * server's.
 */
@NullMarked
package dev.longwave.load;

import org.jspecify.annotations.NullMarked;
