/**
 * What the server is tried with: a client by the letter of the event-stream specification, a proxy
 * that breaks connections, an oracle that knows what should have arrived, and readers that behave
 * badly. Independent of the production code: the only thing shared is the HTTP surface.
 */
@NullMarked
package dev.longwave.testing;

import org.jspecify.annotations.NullMarked;
