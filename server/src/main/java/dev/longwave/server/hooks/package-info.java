/**
 * Signed requests to the application: who comes to a topic and goes, and whether a client's event
 * is accepted.
 */
@NullMarked
package dev.longwave.server.hooks;

import org.jspecify.annotations.NullMarked;
