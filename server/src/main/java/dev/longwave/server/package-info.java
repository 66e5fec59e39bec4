/** The server as a whole: what it is configured with, and how its parts are put together. */
@NullMarked
package dev.longwave.server;

import org.jspecify.annotations.NullMarked;
