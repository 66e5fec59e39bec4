/**
 * Signed requests to the application: joins and leaves of topics, and whether a client's event is
 * accepted.
 */
@NullMarked
package dev.longwave.server.hooks;

import org.jspecify.annotations.NullMarked;
